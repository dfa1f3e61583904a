package jiraclient_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"jirabot/jiraclient"
)

// pages answers a search on Data Center over these keys, at most limit of them at once; a total below zero is left out.
func pages(keys []string, limit, total int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q struct{ StartAt, MaxResults int }
		_ = json.NewDecoder(r.Body).Decode(&q)
		n := min(q.MaxResults, limit)
		issues := []map[string]any{}
		for i := q.StartAt; i < min(q.StartAt+n, len(keys)); i++ {
			issues = append(issues, map[string]any{"id": "1" + keys[i], "key": keys[i], "fields": map[string]any{"summary": keys[i]}})
		}
		answer := map[string]any{"startAt": q.StartAt, "maxResults": n, "issues": issues}
		if total >= 0 {
			answer["total"] = total
		}
		body, _ := json.Marshal(answer)
		reply(200, string(body))(w, r)
	}
}

func TestSearch(t *testing.T) {
	seven := strings.Fields("PAY-1 PAY-2 PAY-3 PAY-4 PAY-5 PAY-6 PAY-7")
	shifted := strings.Fields("PAY-1 PAY-2 PAY-2 PAY-3")
	for _, tt := range []struct {
		name     string
		handler  http.HandlerFunc
		q        jiraclient.SearchQuery
		stop     int // the caller stops after so many; 0 never
		want     string
		requests int
		cloud    bool
	}{
		{"all pages", pages(seven, 1000, 7), jiraclient.SearchQuery{PageSize: 3}, 0, "PAY-1 PAY-2 PAY-3 PAY-4 PAY-5 PAY-6 PAY-7", 3, false},
		{"Jira's own limit counts", pages(seven, 2, 7), jiraclient.SearchQuery{PageSize: 1000}, 0, "PAY-1 PAY-2 PAY-3 PAY-4 PAY-5 PAY-6 PAY-7", 4, false},
		{"without a total a short page is the last", pages(seven, 1000, -1), jiraclient.SearchQuery{PageSize: 4}, 0, "PAY-1 PAY-2 PAY-3 PAY-4 PAY-5 PAY-6 PAY-7", 2, false},
		{"without a total and a short page an empty one is", pages(seven[:6], 1000, -1), jiraclient.SearchQuery{PageSize: 3}, 0, "PAY-1 PAY-2 PAY-3 PAY-4 PAY-5 PAY-6", 3, false},
		{"a total that shrank meanwhile", pages(seven[:4], 1000, 7), jiraclient.SearchQuery{PageSize: 4}, 0, "PAY-1 PAY-2 PAY-3 PAY-4", 2, false},
		{"nothing", pages(nil, 1000, 0), jiraclient.SearchQuery{}, 0, "", 1, false},
		{"no more than wanted are asked for", pages(seven, 1000, 7), jiraclient.SearchQuery{Max: 2}, 0, "PAY-1 PAY-2", 1, false},
		{"no more than wanted over several pages", pages(seven, 2, 7), jiraclient.SearchQuery{Max: 3}, 0, "PAY-1 PAY-2 PAY-3", 2, false},
		{"no page is read after the caller stops", pages(seven, 1000, 7), jiraclient.SearchQuery{PageSize: 2}, 3, "PAY-1 PAY-2 PAY-3", 2, false},
		{"an issue that slipped onto the next page comes once", pages(shifted, 1000, 4), jiraclient.SearchQuery{PageSize: 2}, 0, "PAY-1 PAY-2 PAY-3", 2, false},
		{"the same page for ever ends", reply(200, `{"issues":[{"id":"1","key":"PAY-1"}],"total":99}`), jiraclient.SearchQuery{}, 0, "PAY-1", 2, false},
		{"Cloud's tokens", func(w http.ResponseWriter, r *http.Request) {
			var q struct{ NextPageToken string }
			_ = json.NewDecoder(r.Body).Decode(&q)
			reply(200, map[string]string{
				"":  `{"issues":[{"id":"1","key":"PAY-1"}],"nextPageToken":"a"}`,
				"a": `{"issues":[],"nextPageToken":"b"}`,
				"b": `{"issues":[{"id":"2","key":"PAY-2"}],"isLast":true,"nextPageToken":"c"}`,
			}[q.NextPageToken])(w, r)
		}, jiraclient.SearchQuery{}, 0, "PAY-1 PAY-2", 3, true},
		{"a mistake in the JQL", reply(400, `{"errorMessages":["Field 'nope' does not exist or you do not have permission to view it."]}`), jiraclient.SearchQuery{}, 0,
			"POST /rest/api/2/search: 400: Field 'nope' does not exist or you do not have permission to view it.", 1, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, tt.handler)
			c := client(t, f)
			if tt.cloud {
				c = client(t, f, cloud)
			}
			var got []string
			for issue, err := range c.Search(t.Context(), "project = PAY", tt.q) {
				if err != nil {
					got = append(got, err.Error())
					continue
				}
				got = append(got, issue.Key)
				if len(got) == tt.stop {
					break
				}
			}
			if text := strings.Join(got, " "); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
			if n := len(f.seen()); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
		})
	}
}

// TestSearchIsRead: a search is sent as a POST and yet changes nothing.
func TestSearchIsRead(t *testing.T) {
	f := serve(t, reply(502, ``))
	for _, err := range client(t, f).Search(t.Context(), "project = PAY", jiraclient.SearchQuery{}) {
		if _, again := jiraclient.Temporary(err); !again || jiraclient.Uncertain(err) {
			t.Errorf("%v", err)
		}
	}
}
