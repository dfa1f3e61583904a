package event

import (
	"bytes"
	"encoding/json"
	"testing"
)

// compact is a fixture as Jira sends it, without the blanks that make it readable here.
func compact(t testing.TB, name string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, fixtures(t)[name]); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// grown is the body of an issue with a long history: Data Center sends all comments with every update.
func grown(t testing.TB, body []byte, size int) []byte {
	t.Helper()
	comment := compact(t, "dc_comment_created")
	comment = comment[bytes.Index(comment, []byte(`"comment":`))+len(`"comment":`) : len(comment)-1]
	var list bytes.Buffer
	for list.Len()+len(body) < size {
		if list.Len() > 0 {
			list.WriteByte(',')
		}
		list.Write(comment)
	}
	into := []byte(`"fields":{`)
	return bytes.Replace(body, into, append(into, `"comment":{"comments":[`+list.String()+`]},`...), 1)
}

func BenchmarkDecode(b *testing.B) {
	small := compact(b, "dc_issue_updated_status")
	for _, bench := range []struct {
		name string
		body []byte
	}{
		{"6.6kB", small},
		{"90kB", grown(b, small, 90_000)},
		{"comment", compact(b, "dc_comment_created")},
	} {
		b.Run(bench.name, func(b *testing.B) {
			d := Delivery{Source: Webhook, Body: bench.body, Received: received}
			b.SetBytes(int64(len(bench.body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Decode(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKinds(b *testing.B) {
	e := decodeBody(b, string(compact(b, "dc_issue_lists")))
	b.ReportAllocs()
	for b.Loop() {
		if len(e.Kinds()) == 0 {
			b.Fatal("no kinds")
		}
	}
}

func BenchmarkField(b *testing.B) {
	e := decodeBody(b, string(compact(b, "dc_issue_updated_status")))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := e.Issue.Field("customfield_10016"); !ok {
			b.Fatal("no field")
		}
	}
}
