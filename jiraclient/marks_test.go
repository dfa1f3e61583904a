package jiraclient_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"jirabot/jiraclient"
)

// A thing is a comment or worklog of the fakes below.
type thing struct {
	id, author string
	mark       any // what the property holds; nil is none
}

// commented answers for comments, the newest given first, with or without their properties.
func commented(expands bool, comments ...thing) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if id, ok := strings.CutPrefix(r.URL.Path, "/comment/"); ok {
			id, _, _ = strings.Cut(id, "/")
			for _, m := range comments {
				if m.id == id && m.mark != nil {
					body, _ := json.Marshal(map[string]any{"key": "jirabot.mark", "value": m.mark})
					reply(200, string(body))(w, r)
					return
				}
			}
			reply(404, `{"errorMessages":["The property with key jirabot.mark does not exist."]}`)(w, r)
			return
		}
		start, _ := strconv.Atoi(q.Get("startAt"))
		size, _ := strconv.Atoi(q.Get("maxResults"))
		list := []map[string]any{}
		for i := start; i < min(start+size, len(comments)); i++ {
			m := map[string]any{"id": comments[i].id, "body": "x", "author": map[string]any{"name": comments[i].author}}
			if expands {
				properties := []map[string]any{}
				if comments[i].mark != nil {
					properties = append(properties, map[string]any{"key": "jirabot.mark", "value": comments[i].mark})
				}
				m["properties"] = properties
			}
			list = append(list, m)
		}
		body, _ := json.Marshal(map[string]any{"startAt": start, "maxResults": size, "total": len(comments), "comments": list})
		reply(200, string(body))(w, r)
	}
}

func many(n int, author string) []thing {
	var list []thing
	for i := range n {
		list = append(list, thing{id: strconv.Itoa(20000 - i), author: author})
	}
	return list
}

func TestFindComment(t *testing.T) {
	marked := thing{"7", "bot", "m1"}
	for _, tt := range []struct {
		name     string
		handler  http.HandlerFunc
		want     string
		requests int
	}{
		{"no comments", commented(true), "", 1},
		{"the newest", commented(true, marked, thing{"6", "bot", nil}), "7", 1},
		{"another mark is another comment", commented(true, thing{"7", "bot", "m2"}), "", 1},
		{"a mark handed out as JSON within a string", commented(true, thing{"7", "bot", `"m1"`}), "7", 1},
		{"a mark that is no text", commented(true, thing{"7", "bot", map[string]any{"m1": 1}}), "", 1},
		{"on the third page", commented(true, append(many(250, "ann"), marked)...), "7", 3},
		{"too far back is not looked for", commented(true, append(many(700, "ann"), marked)...), "", 5},
		{"Jira that does not expand is asked for ours", commented(false, thing{"9", "ann", nil}, thing{"8", "bot", nil}, marked), "7", 3},
		{"and only for a few", commented(false, append(many(30, "bot"), marked)...), "", 11},
		{"Jira that knows no properties finds none", func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/comment/") {
				reply(405, ``)(w, r)
				return
			}
			commented(false, marked)(w, r)
		}, "", 2},
		{"an error is told", reply(503, ``), "look for a marked comment: GET /rest/api/2/issue/PAY-7/comment: 503: service unavailable", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, asBot(tt.handler))
			c := client(t, f)
			if _, _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := len(f.seen())
			got, found, err := c.FindComment(t.Context(), "PAY-7", jiraclient.Mark, "m1")
			if err != nil {
				got = err.Error()
			} else if found != (got != "") {
				t.Errorf("found is %t with id %q", found, got)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if n := len(f.seen()) - before; n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
		})
	}
}

// asBot answers what Connect asks and leaves the rest to the handler.
func asBot(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/myself":
			reply(200, `{"name":"bot"}`)(w, r)
		case "/serverInfo":
			reply(200, `{"version":"9.12.0"}`)(w, r)
		default:
			h(w, r)
		}
	}
}

// TestWorklogMarks: a Jira whose worklogs take properties, and one that has never heard of them.
func TestWorklogMarks(t *testing.T) {
	began := jiraclient.Time{Time: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)}
	for _, takes := range []bool{true, false} {
		t.Run(map[bool]string{true: "properties are taken", false: "properties are unknown"}[takes], func(t *testing.T) {
			mark := ""
			f := serve(t, asBot(func(w http.ResponseWriter, r *http.Request) {
				const one = `{"id":"70","author":{"name":"bot"},"comment":"x","timeSpent":"1h 30m","timeSpentSeconds":5400,"started":"2026-03-01T10:30:00.400+0100"}`
				switch {
				case strings.Contains(r.URL.Path, "/properties/") && !takes:
					reply(404, `<html><title>404</title></html>`, "Content-Type", "text/html")(w, r)
				case strings.Contains(r.URL.Path, "/properties/") && r.Method == http.MethodPut:
					_ = json.NewDecoder(r.Body).Decode(&mark)
					reply(201, ``)(w, r)
				case strings.Contains(r.URL.Path, "/worklog/70/properties/jirabot.mark") && mark != "":
					reply(200, `{"key":"jirabot.mark","value":"`+mark+`"}`)(w, r)
				case r.Method == http.MethodPost:
					reply(201, one)(w, r)
				case r.Method == http.MethodGet && r.URL.Path == "/issue/PAY-7/worklog":
					reply(200, `{"total":2,"worklogs":[`+one+`,{"id":"71","author":{"name":"ann"},"started":"2026-03-01T10:30:00.000+0100","timeSpentSeconds":5400,"comment":"x"}]}`)(w, r)
				default:
					reply(404, `{"errorMessages":["no"]}`)(w, r)
				}
			}))
			c := client(t, f)
			if _, _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			n := jiraclient.NewWorklog{TimeSpent: "90m", Started: began, Comment: "x", Properties: map[string]any{jiraclient.Mark: "m1"}}
			for range 2 { // the second time it is known that there are none
				w, err := c.AddWorklog(t.Context(), "PAY-7", n)
				if err != nil || w.ID != "70" || (string(w.Properties[jiraclient.Mark]) == `"m1"`) != takes {
					t.Fatalf("%+v, %v", w, err)
				}
			}
			if want := map[bool]int{true: 2 + 4, false: 2 + 3}[takes]; len(f.seen()) != want {
				t.Errorf("%d requests, want %d", len(f.seen()), want)
			}
			id, found, err := c.FindWorklog(t.Context(), "PAY-7", jiraclient.Mark, "m1")
			if err != nil || found != takes || (id == "70") != takes {
				t.Errorf("by mark: %q, %t, %v", id, found, err)
			}
			id, found, err = c.SameWorklog(t.Context(), "PAY-7", n)
			if err != nil || !found || id != "70" {
				t.Errorf("by content: %q, %t, %v", id, found, err)
			}
			for name, other := range map[string]jiraclient.NewWorklog{
				"another comment": {TimeSpent: "90m", Started: began, Comment: "y"},
				"another time":    {TimeSpent: "91m", Started: began, Comment: "x"},
				"another length":  {Seconds: 60, Started: began, Comment: "x"},
				"another start":   {TimeSpent: "90m", Started: jiraclient.Time{Time: began.Add(2 * time.Second)}, Comment: "x"},
				"no start at all": {TimeSpent: "90m", Comment: "x"},
			} {
				if id, found, err := c.SameWorklog(t.Context(), "PAY-7", other); found || err != nil {
					t.Errorf("%s: %q, %v", name, id, err)
				}
			}
		})
	}
}
