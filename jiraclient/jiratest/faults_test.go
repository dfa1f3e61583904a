package jiratest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"jirabot/jiraclient/jiratest"
)

func TestFaults(t *testing.T) {
	const comment = "/api/2/issue/PAY-1/comment"
	for name, c := range map[string]struct {
		fault  jiratest.Fault
		status int // 0: the connection breaks
		text   string
		done   int // comments afterwards
	}{
		"instead of the effect":            {jiratest.Fault{Status: 503, Body: "<html>away</html>"}, 503, "<html>away</html>", 0},
		"after the effect":                 {jiratest.Fault{Status: 504, Body: `{"message":"late"}`, AfterEffect: true}, 504, `{"message":"late"}`, 1},
		"the connection breaks before":     {jiratest.Fault{Drop: true}, 0, "", 0},
		"the connection breaks afterwards": {jiratest.Fault{Drop: true, AfterEffect: true}, 0, "", 1},
		"another method":                   {jiratest.Fault{Status: 503, Method: "GET"}, 201, "", 1},
		"another path":                     {jiratest.Fault{Status: 503, PathSuffix: "/worklog"}, 201, "", 1},
		"a match of one's own":             {jiratest.Fault{Status: 502, Match: func(r *http.Request) bool { return r.URL.Query().Get("x") == "1" }}, 201, "", 1},
		"a mere delay":                     {jiratest.Fault{Delay: time.Millisecond}, 201, "", 1},
		"a header":                         {jiratest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, 429, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			j := shop(t, jiratest.Options{})
			base := must[string](t)(j.Start())
			c.fault.Times = 1
			j.Fault(c.fault)
			status, text, header := post(t, base+"/rest"+comment, `{"body":"x"}`)
			if status != c.status || !strings.Contains(text, c.text) {
				t.Errorf("got %d %s", status, text)
			}
			if c.fault.Header != nil && header.Get("Retry-After") != "7" {
				t.Error("no header:", header)
			}
			if i, _ := j.Issue("PAY-1"); len(i.Comments) != c.done {
				t.Errorf("%d comments", len(i.Comments))
			}
			j.ClearFaults()
			if status, text, _ := post(t, base+"/rest"+comment, `{"body":"x"}`); status != 201 {
				t.Error("the fault goes on:", status, text)
			}
		})
	}
}

// post uses a connection of its own, and gives status 0 when there was no answer.
func post(t *testing.T, url, body string) (int, string, http.Header) {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	r := must[*http.Request](t)(http.NewRequest("POST", url, strings.NewReader(body)))
	r.Header.Set("Authorization", "Bearer bot-token")
	a, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return 0, "", nil
	}
	defer a.Body.Close()
	text := must[[]byte](t)(io.ReadAll(a.Body))
	return a.StatusCode, string(text), a.Header
}

func TestFaultsRunOut(t *testing.T) {
	j := shop(t, jiratest.Options{})
	j.Fault(jiratest.Fault{PathSuffix: "/myself", Status: 503, Times: 2})
	var got []int
	for range 3 {
		got = append(got, ask(t, j, "bot-token", "GET", "/api/2/myself", nil).status)
	}
	if fmt.Sprint(got) != "[503 503 200]" {
		t.Error(got)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	j := shop(t, jiratest.Options{})
	ask(t, j, "bot-token", "GET", "/api/2/issue/PAY-1?fields=summary", nil)
	ask(t, j, "bot-token", "POST", "/api/2/search", `{"jql":""}`)
	ask(t, j, "bot-token", "PUT", "/api/2/issue/10000", `{"fields":{"summary":"x"}}`)
	ask(t, j, "", "POST", "/api/2/issue", `{}`)
	var got []string
	for _, r := range j.Requests() {
		got = append(got, fmt.Sprint(r.Start, "-", r.End, " ", r.User, " ", r.Method, " ", r.Path, " ", r.Status, " ", r.Size, " ", r.Issues, " ", r.Write()))
	}
	want := "1-2 bot GET /rest/api/2/issue/PAY-1 200 0 [PAY-1] false|3-4 bot POST /rest/api/2/search 200 10 [] false|" +
		"5-6 bot PUT /rest/api/2/issue/10000 204 26 [PAY-1] true|7-8  POST /rest/api/2/issue 400 2 [] true"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	if w := j.Writes(); len(w) != 2 || string(w[0].Body) != `{"fields":{"summary":"x"}}` {
		t.Error(w)
	}
}

func TestOverlappingWritesAreSeen(t *testing.T) {
	j := shop(t, jiratest.Options{})
	write := func(key string) { ask(t, j, "bot-token", "POST", "/api/2/issue/"+key+"/comment", `{"body":"x"}`) }
	write("PAY-1")
	write("PAY-1")
	if o := j.OverlappingWrites(); len(o) != 0 {
		t.Fatal("one after the other overlap:", o)
	}
	// No write goes on before all three have come in.
	var arrived, done sync.WaitGroup
	arrived.Add(3)
	j.Fault(jiratest.Fault{Method: "POST", Match: func(*http.Request) bool { arrived.Done(); arrived.Wait(); return false }})
	for _, key := range []string{"PAY-1", "PAY-1", "CHK-1"} {
		done.Go(func() { write(key) })
	}
	done.Wait()
	overlaps := j.OverlappingWrites()
	if len(overlaps) != 1 || overlaps[0][0].Issues[0] != "PAY-1" {
		t.Errorf("%+v", overlaps)
	}
}
