package control_test

import (
	"context"
	"fmt"
	"os"

	"jirabot/internal/control"
)

func Example() {
	data, err := os.MkdirTemp("", "bot")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(data)
	server, err := control.Listen(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	control.Handle(server, "double", func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()

	fmt.Println(control.Call[int](ctx, data, "double", 21))
	stop()
	fmt.Println(<-ended)
	// Output:
	// 42 <nil>
	// <nil>
}
