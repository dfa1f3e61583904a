package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gin-gonic/gin"

	"jirabot/internal/event"
	"jirabot/webhook"
)

type printer struct{}

func (printer) Accept(_ context.Context, d event.Delivery) (webhook.Receipt, error) {
	fmt.Printf("%s stored %s\n", d.UserKey, d.Body)
	return webhook.Receipt{Delivery: "d-1"}, nil
}

func Example() {
	receiver, err := webhook.New(webhook.Options{Inbox: printer{}, PathToken: "long-and-random"})
	if err != nil {
		fmt.Println(err)
		return
	}
	router := gin.New()
	receiver.Register(router)

	for _, path := range []string{"/webhooks/jira/long-and-random?user_key=ann", "/webhooks/jira/guessed"} {
		answer := httptest.NewRecorder()
		router.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, path, strings.NewReader(`{"issue":{"key":"PAY-7"}}`)))
		fmt.Println(answer.Code, answer.Body)
	}
	// Output:
	// ann stored {"issue":{"key":"PAY-7"}}
	// 202 {"delivery":"d-1"}
	// 401 {"error":"not authorised"}
}
