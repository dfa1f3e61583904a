package jiraclient

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// ident is an ID as it comes over the wire: Jira writes most as texts and some as numbers, and proxies and stand-ins
// mix them up.
type ident string

// UnmarshalJSON takes a text or a number.
func (i *ident) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*i = ident(text)
		return nil
	}
	var number json.Number
	if err := json.Unmarshal(b, &number); err != nil {
		return fmt.Errorf("an id is a text or a number, not %s", clip(string(b), 40))
	}
	*i = ident(number.String())
	return nil
}

// numeric is an ID as some requests demand it.
func numeric(id string) (int64, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("is a number, not %q", clip(oneLine(id), 40))
	}
	return n, nil
}
