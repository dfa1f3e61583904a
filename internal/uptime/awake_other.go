//go:build !linux

package uptime

import "time"

// Awake is not told here.
func Awake() (up time.Duration, told bool) { return 0, false }
