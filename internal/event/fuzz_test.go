package event

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDecode compares with encoding/json: what it calls valid must decode, what it calls broken must be Unreadable, and
// the texts found must be the texts that it finds.
func FuzzDecode(f *testing.F) {
	for _, body := range fixtures(f) {
		f.Add(body)
	}
	for _, body := range []string{"", " ", "null", "[]", `{"a":1e}`, `{"a":"\ud800\u0041"}`, "{\"webhookEvent\":\"\xff\"}", "{\"webhookEvent\":\"issue_\xff\",\"issue\":{\"id\":1},\"changelog\":{\"id\":2}}", "{\"webhookEvent\":\"issue_\xff\",\"issue\":{\"id\":1},\"comment\":{\"id\":2},\"issue_event_type_name\":\"issue_commented\"}", `{"issue":{"fields":{"summary":"\/"}}} x`, `{"issue":{"fields":{"summary":"no name"}}}`, `{"a":1E700}`, `{"webhookEvent":"user_created","user":{"self":"https://jira.example.com/user?accountId=%b1"}}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		for _, source := range []Source{Webhook, Tick, Item, Hook, Manual, "other"} {
			e, err := Decode(Delivery{Source: source, Body: body, Received: received, Name: "deploy"})
			if err == nil && (e.Kind == "" || e.Lane == "" || e.Identity == "" || e.StoreID() == "") {
				t.Fatalf("%s: kind %q, lane %q, identity %q, store ID %q", source, e.Kind, e.Lane, e.Identity, e.StoreID())
			}
			for _, id := range []string{e.Identity, e.StoreID(), e.IdentityAs("attached"), e.IdentityAs("work_logged")} {
				if len(id) > 400 || strings.IndexFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
					t.Fatalf("identity %q is not fit for a header", id)
				}
			}
			if source == Webhook {
				compare(t, *e, err)
			}
		}
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
	})
}

func compare(t *testing.T, e Event, err error) {
	t.Helper()
	body := e.Raw
	if err != nil {
		var unreadable *Unreadable
		if !errors.As(err, &unreadable) {
			t.Fatalf("not Unreadable: %v", err)
		}
		return
	}
	if !json.Valid(body) {
		t.Fatal("decoded what encoding/json calls broken")
	}
	var reference map[string]any
	if err := json.Unmarshal(body, &reference); err != nil {
		return // a number beyond float64: valid, and nothing to compare with
	}
	check(t, "webhookEvent", e.Name, textIn(reference, "webhookEvent"))
	check(t, "issue.fields.summary", e.Issue.Summary, textIn(reference, "issue", "fields", "summary"))
	check(t, "comment.body", e.Comment.Body, textIn(reference, "comment", "body"))
	for _, name := range []string{"kind", "actor", "lane"} {
		if !utf8.ValidString(map[string]string{"kind": e.Kind, "actor": e.Actor.DisplayName, "lane": e.Lane}[name]) {
			t.Fatalf("the %s is not valid UTF-8", name)
		}
	}
}

func textIn(value any, path ...string) string {
	for _, key := range path {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	text, _ := value.(string)
	return text
}

func FuzzDecodeIssue(f *testing.F) {
	for _, body := range fixtures(f) {
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(body, &parts); err == nil && len(parts["issue"]) > 0 {
			f.Add([]byte(parts["issue"]), "customfield_10016")
		}
	}
	f.Add([]byte(`{"id":1,"fields":{"a":[1,{"b":null}],"a":"last"}}`), "a")
	f.Fuzz(func(t *testing.T, raw []byte, field string) {
		issue, err := DecodeIssue(raw)
		if err != nil {
			if valid := json.Valid(raw) && bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")); valid && !strings.Contains(err.Error(), "neither id nor key") {
				t.Fatalf("refused what encoding/json calls valid: %v", err)
			}
			return
		}
		if !json.Valid(raw) {
			t.Fatal("decoded what encoding/json calls broken")
		}
		var object map[string]any
		if err := json.Unmarshal(raw, &object); err != nil {
			return // a number beyond float64: valid, and nothing to compare with
		}
		fields, _ := object["fields"].(map[string]any)
		want, wantOK := fields[field]
		if !utf8.ValidString(field) || strings.ContainsRune(field, utf8.RuneError) {
			return // encoding/json repairs keys, and then two may be one
		}
		if got, ok := issue.Field(field); ok != wantOK || !reflect.DeepEqual(got, want) {
			t.Fatalf("field %q is %v %v, want %v %v", field, got, ok, want, wantOK)
		}
	})
}

func TestDecodeAcceptsExactlyWhatIsAnObjectInJSON(t *testing.T) {
	deep := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	tests := []string{
		``, ` `, `{}`, ` {} `, `{} {}`, `{}x`, `[]`, `null`, `1`, `"a"`, `{`, `{"a"`, `{"a":`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a":1,}`,
		`{,}`, `{"a" 1}`, `{a:1}`, `{'a':1}`, `{"a":01}`, `{"a":-}`, `{"a":-0}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":1E+2}`,
		`{"a":+1}`, `{"a":tru}`, `{"a":true}`, `{"a":nul}`, `{"a":NaN}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12fG"}`, `{"a":"\u12FF"}`,
		"{\"a\":\"\n\"}", "{\"a\":\"\x00\"}", "{\"a\":\"\x7f\"}", "{\"\xff\":\"\xff\"}", "\ufeff{}", "{\"a\":1}\x00", `{"a":[1,]}`, `{"a":[,]}`,
		`{"a":[1 2]}`, `{"a":"\`, `{"a":"`, `{"a":[`, "{\v}", deep(9999), deep(10000),
	}
	for _, body := range tests {
		var object map[string]any
		want := json.Unmarshal([]byte(body), &object) == nil && object != nil
		_, err := Decode(Delivery{Source: Webhook, Body: []byte(body), Received: received})
		if got := err == nil; got != want {
			t.Errorf("%.40q: readable is %v, encoding/json says %v (%v)", body, got, want, err)
		}
	}
}

func TestPlainFindsEveryByteThatEndsAText(t *testing.T) {
	for place := range 8 {
		for value := range 256 {
			for _, around := range []byte{'a', 0x80, 0xff, ' ', '!'} {
				eight := bytes.Repeat([]byte{around}, 8)
				eight[place] = byte(value)
				want := value >= ' ' && value != '"' && value != '\\'
				if got := plain(binary.LittleEndian.Uint64(eight)); got != want {
					t.Fatalf("plain(% x) is %v", eight, got)
				}
			}
		}
	}
}
