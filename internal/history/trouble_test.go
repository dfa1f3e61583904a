package history

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"jirabot/internal/journal"
)

// runsIn counts the runs that can be found.
func runsIn(t testing.TB, file string) int {
	t.Helper()
	r := open(t, file)
	defer r.Close()
	page, err := r.Runs(t.Context(), Query{Text: "thanks", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Runs)
}

func TestADamagedFileIsPutAsideAndMadeAnew(t *testing.T) {
	for name, spoil := range map[string]func(file string) error{
		"a file of something else": func(file string) error { return os.WriteFile(file, []byte(strings.Repeat("rules:\n", 2000)), 0o600) },
		"cut off":                  func(file string) error { return os.Truncate(file, 5000) },
		"a page overwritten": func(file string) error {
			data, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			for at := 4096; at < len(data); at++ {
				data[at] = 0xa5
			}
			return os.WriteFile(file, data, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			j := openJournal(t, dir+"/journal")
			o := optionsFor(t, j, fileIn(dir))
			o.Log = o.Log.Level(5) // it says so, as an error
			play(t, j, 1, 5)
			index(t, o)
			if err := spoil(o.File); err != nil {
				t.Fatal(err)
			}
			play(t, j, 6, 9)
			index(t, o)
			if n := runsIn(t, o.File); n != 8 {
				t.Errorf("%d runs are found, want 8", n)
			}
			if _, err := os.Stat(aside(o.File)); err != nil {
				t.Errorf("it was not put aside: %v", err)
			}
		})
	}
}

func TestAReaderSaysWhatToDoAboutADamagedFile(t *testing.T) {
	file := fileIn(t.TempDir())
	if err := os.WriteFile(file, []byte(strings.Repeat("rules:\n", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file); err == nil || !strings.Contains(err.Error(), "the file is damaged; a running bot makes it anew, and so does bot history rebuild") {
		t.Errorf("error %v", err)
	}
}

func TestAnEmptyFileIsFilled(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	play(t, j, 1, 5)
	if err := os.WriteFile(fileIn(dir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), fileIn(dir)); !errors.Is(err, ErrNone) {
		t.Errorf("read before: %v", err)
	}
	index(t, optionsFor(t, j, fileIn(dir)))
	if n := runsIn(t, fileIn(dir)); n != 5 {
		t.Errorf("%d runs are found", n)
	}
}

func TestRemovedWhileItIsOpenItIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	play(t, j, 1, 5)
	o := optionsFor(t, j, fileIn(dir))
	h, stop := follow(t, o)
	until(t, "the history has caught up", func() bool { return h.State() == State{} })
	if err := os.Remove(o.File); err != nil { // and leave what belongs to it
		t.Fatal(err)
	}
	until(t, "there is another", func() bool {
		_, err := os.Stat(o.File)
		return err == nil
	})
	play(t, j, 6, 9)
	stop()
	if n := runsIn(t, o.File); n != 8 {
		t.Errorf("%d runs are found, want 8", n)
	}
}

func TestAnotherJournalMakesAnotherHistory(t *testing.T) {
	dir := t.TempDir()
	first := openJournal(t, dir+"/first")
	play(t, first, 1, 40)
	o := optionsFor(t, first, fileIn(dir))
	index(t, o)
	second := openJournal(t, dir+"/second")
	play(t, second, 1, 3)
	o.Journal = second
	index(t, o)
	if n := runsIn(t, o.File); n != 2 {
		t.Errorf("%d runs are found, want those of the second journal alone", n)
	}
}

func TestAFileOfANewerBotIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	o := optionsFor(t, j, fileIn(dir))
	o.Log = o.Log.Level(5)
	index(t, o)
	write(t, o.File, "PRAGMA user_version = 99")
	const want = "run that one, or remove the file"
	h, stop := follow(t, o)
	until(t, "it says so", func() bool { return h.State().Err != nil })
	if err := h.State().Err; !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), want) {
		t.Errorf("the bot says %v", err)
	}
	stop()
	if _, err := Open(t.Context(), o.File); !errors.Is(err, ErrNewer) {
		t.Errorf("a reader says %v", err)
	}
}

func TestTroubleWithTheFileIsToldAndEndsNothing(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	o := optionsFor(t, j, dir+"/missing/history.db")
	o.Log = o.Log.Level(5)
	h, stop := follow(t, o)
	until(t, "it says so", func() bool { return h.State().Err != nil })
	play(t, j, 1, 5)
	stop()
	if err := j.Well(); err != nil {
		t.Error(err)
	}
}

func TestWhatRoomIsLeftOnTheDiskIsTheJournals(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(t.Context(), journal.Options{Dir: dir + "/journal", MinFree: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	o := optionsFor(t, j, fileIn(dir))
	o.Log = o.Log.Level(5)
	h, stop := follow(t, o)
	until(t, "it says so", func() bool { return h.State().Err != nil })
	stop()
	if err := h.State().Err; !strings.Contains(err.Error(), "must remain") {
		t.Error(err)
	}
}

func write(t testing.TB, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestMigrationsAreAppliedOnceAndInOrder(t *testing.T) {
	file := fileIn(t.TempDir())
	db, err := openFile("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dir := fstest.MapFS{"schema/0001_a.sql": {Data: []byte("CREATE TABLE a (n); INSERT INTO a VALUES (1);")}}
	later := fstest.MapFS{"schema/0001_a.sql": dir["schema/0001_a.sql"],
		"schema/0002_b.sql": {Data: []byte("CREATE TABLE b (n);")}, "schema/0010_c.sql": {Data: []byte("INSERT INTO b SELECT n + 1 FROM a;")}}
	broken := fstest.MapFS{"schema/0001_a.sql": dir["schema/0001_a.sql"], "schema/0002_b.sql": later["schema/0002_b.sql"],
		"schema/0010_c.sql": later["schema/0010_c.sql"], "schema/0011_d.sql": {Data: []byte("CREATE TABLE d (n); SELECT nonsense;")}}
	for _, x := range []struct {
		dir  fstest.MapFS
		err  string
		want string
	}{
		{dir, "", "1 a=1"},
		{dir, "", "1 a=1"},
		{later, "", "3 a=1 b=2"},
		{broken, "schema/0011_d.sql: ", "3 a=1 b=2"},
		{dir, "written by a newer version of the bot", "3 a=1 b=2"},
	} {
		err := migrate(t.Context(), db, x.dir)
		if x.err == "" && err != nil || x.err != "" && (err == nil || !strings.Contains(err.Error(), x.err)) {
			t.Errorf("error %v, want %q", err, x.err)
		}
		var got string
		err = db.QueryRow("SELECT (SELECT user_version FROM pragma_user_version) || ' a=' || (SELECT group_concat(n) FROM a)").Scan(&got)
		if err == nil && strings.Contains(x.want, "b") {
			var b string
			err = db.QueryRow("SELECT ' b=' || group_concat(n) FROM b").Scan(&b)
			got += b
		}
		if err != nil || got != x.want {
			t.Errorf("%q (%v), want %q", got, err, x.want)
		}
	}
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_master WHERE name = 'd'").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("half a migration is left (%v)", err)
	}
}

func TestWhatCannotBeReadIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	o := optionsFor(t, j, fileIn(dir))
	s, err := openStore(t.Context(), o.withDefaults())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	b := journal.Batch{Finals: []journal.Final{
		{Seq: 1, Delivery: "1-aaaaaa", DeliverySeq: 1, Data: []byte(`{"version":99,"runs":[]}`)},
		{Seq: 2, Delivery: "2-bbbbbb", DeliverySeq: 2, Data: []byte(`{"version":1,"runs":[{"id":"0123456789","rule":"r","outcome":"done"}]}`)},
		{Seq: 3, Delivery: "3-cccccc", DeliverySeq: 3, Data: []byte(`{`)},
		{Seq: 4, Delivery: "4-dddddd", DeliverySeq: 4}, // too large to be kept
	}}
	b.Places.Finals.Seq = 4
	unreadable, err := s.write(t.Context(), b)
	if err != nil || len(unreadable) != 2 || !strings.Contains(unreadable[0].Error(), "delivery 1-aaaaaa: ") {
		t.Errorf("%v, %v", unreadable, err)
	}
	if run, err := open(t, o.File).Run(t.Context(), "0123456789"); err != nil || run.Rule != "r" {
		t.Errorf("%+v, %v", run, err)
	}
}

func TestADeliveryThatMeansNothingIsIndexedWithItsProblem(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	var ids []string
	for i, text := range []string{"", "{", "\xff\x00"} {
		r, err := j.Append(t.Context(), delivery(text), fmt.Sprint(i), "unreadable", false)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	e, err := j.Delivery(t.Context(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Bury(t.Context(), journal.Letter{Entry: e, Reason: "the delivery cannot be read"}); err != nil {
		t.Fatal(err)
	}
	index(t, optionsFor(t, j, fileIn(dir)))
	r := open(t, fileIn(dir))
	for i, want := range []Decision{GivenUp, Waiting, Waiting} {
		if d, err := r.Delivery(t.Context(), ids[i]); err != nil || d.Problem == "" || d.Decision != want {
			t.Errorf("%+v, %v, want %q", d, err, want)
		}
	}
}

// Schema 1 had no words of blocks, without which no search finds a run.
func TestAFileOfTheFirstSchemaIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	j := openJournal(t, dir+"/journal")
	play(t, j, 1, 40)
	o := optionsFor(t, j, fileIn(dir))
	index(t, o)
	want := contents(t, o.File)
	write(t, o.File, "DELETE FROM words")
	if runsIn(t, o.File) != 0 {
		t.Fatal("a run is found without its words")
	}
	write(t, o.File, "PRAGMA user_version = 1")
	index(t, o)
	if got := contents(t, o.File); got != want {
		t.Errorf("it differs from what it was:\n%s", firstDifference(want, got))
	}
}
