package jiraclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"jirabot/jiraclient"
)

// A client is built, connects, and tells by its errors what to do next.
func Example() {
	jira := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/jira/rest/api/2/myself":
			fmt.Fprint(w, `{"name":"bot","displayName":"Rule Bot"}`)
		case "/jira/rest/api/2/serverInfo":
			fmt.Fprint(w, `{"version":"9.12.0","deploymentType":"Server"}`)
		default:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"errorMessages":["You do not have the permission to comment on this issue."]}`)
		}
	}))
	defer jira.Close()

	c, err := jiraclient.New(jiraclient.Options{URL: jira.URL + "/jira", Auth: jiraclient.Token("t0ken")})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	server, user, err := c.Connect(ctx)
	fmt.Println(server.Version, user.DisplayName, err)

	_, err = c.AddComment(ctx, "PAY-7", jiraclient.NewComment{Body: "Any news?"})
	_, again := jiraclient.Temporary(err)
	fmt.Println(err)
	fmt.Println("denied:", errors.Is(err, jiraclient.ErrDenied), "worth another try:", again)
	// Output:
	// 9.12.0 Rule Bot <nil>
	// POST /rest/api/2/issue/PAY-7/comment: 403: You do not have the permission to comment on this issue.
	// denied: true worth another try: false
}
