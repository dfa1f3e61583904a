package webhook

import (
	"fmt"
	"net/http"
)

// A refusal is a request that is not stored: the status, what the caller is told and what the log says. The two texts
// differ where the caller may be a stranger, who should not learn how near he came.
type refusal struct {
	status       int
	told, logged string
}

func unauthorised(logged string) *refusal {
	return &refusal{http.StatusUnauthorized, "not authorised", logged}
}

func tooLarge(limit int64) *refusal {
	told := fmt.Sprintf("the body is larger than %d bytes", limit)
	return &refusal{http.StatusRequestEntityTooLarge, told, told}
}
