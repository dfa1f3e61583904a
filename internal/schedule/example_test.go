package schedule_test

import (
	"fmt"
	"time"

	"jirabot/internal/schedule"
)

func ExampleParse() {
	plan, err := schedule.Parse("0 9 * * MON-FRI", "Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, time.March, 27, 12, 0, 0, 0, time.UTC)
	for _, tick := range plan.NextN(friday, 2) {
		fmt.Println(tick.Format(time.RFC1123))
	}

	_, err = schedule.Parse("0 25 * * *", "")
	fmt.Println(err)
	// Output:
	// Mon, 30 Mar 2026 09:00:00 CEST
	// Tue, 31 Mar 2026 09:00:00 CEST
	// cron "0 25 * * *": hour "25": want 0-23, a list (1,2), a range from low to high (1-3) or steps (*/5)
}
