package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jirabot/internal/record"
)

func TestTextsAreSplitIntoWords(t *testing.T) {
	for _, x := range []struct{ name, text, want string }{
		{"small letters", "Comment on PAY", "comment on pay"},
		{"a key is a word, and so are its parts", "PAY-7:", "pay-7 pay 7"},
		{"an address", "https://jira.example.com/browse/PAY-7.", "https jira.example.com jira example com browse pay-7 pay 7"},
		{"a name of ours", "issue_updated", "issue_updated issue updated"},
		{"each once", "no no No, no-no", "no no-no"},
		{"accents", "Grüße, Łukasz Ünal", "gruße łukasz unal"},
		{"an accent of its own", "cafe\u0301", "cafe"},
		{"no spaces", "東京の天気ok", "東 京 の 天 気 ok"},
		{"Hindi", "हिन्दी", strings.Join(slices.Collect(split("हिन्दी")), " ")},
		{"nothing but signs", "--- … !", ""},
		{"too long to be looked for", strings.Repeat("x", 65) + " y", "y"},
		{"quotes", `"a" OR 'b'`, "a or b"},
		{"bytes that are no text", "a\xff\x00b", "a b"},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWords()
			w.text(x.text)
			if string(w.out) != x.want {
				t.Errorf("%q, want %q", w.out, x.want)
			}
		})
	}
}

func TestARunHasABoundedNumberOfWords(t *testing.T) {
	var long strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&long, "w%d ", i)
	}
	all := strings.Fields(newWords().of(&record.Run{ID: "x", Rule: "r", Steps: []record.Step{{Sentence: long.String()}}}, 0))
	if len(all) != mostWords {
		t.Errorf("%d words, want %d", len(all), mostWords)
	}
}

// FuzzSearch: whatever a run says and whatever is searched for, SQLite understands the words, and a run is found by its text.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{"PAY-7", `" OR *`, "東京", "\x00", "a\u0301", "rule=x", "-._", "ǅ ﬁ Ⅷ", "हिन्दी"} {
		f.Add(seed)
	}
	s, err := openStore(f.Context(), Options{File: fileIn(f.TempDir())}.withDefaults())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.close() })
	f.Fuzz(func(t *testing.T, text string) {
		run := record.Run{ID: "0123", Rule: text, Issue: text, Steps: []record.Step{{Sentence: text}}}
		if _, err := s.db.Exec("INSERT OR REPLACE INTO words (rowid, text) VALUES (1, ?)", newWords().of(&run, 0)); err != nil {
			t.Fatal(err)
		}
		for _, q := range []Query{{Text: text}, {Rule: text}, {Issue: text, Text: text}} {
			match, err := q.match()
			if err != nil || match == "" || len(slices.Collect(split(text))) >= mostWords/3 {
				continue
			}
			found := 0
			if err := s.db.QueryRow("SELECT count(*) FROM words WHERE words MATCH ?", match).Scan(&found); err != nil || found != 1 {
				t.Errorf("%q is found %d times by %s (%v)", text, found, match, err)
			}
		}
	})
}
