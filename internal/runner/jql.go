package runner

import (
	"regexp"
	"strings"
)

var orderBy = regexp.MustCompile(`(?i)\border\s+by\b`)

// cutOrder takes the ORDER BY off a JQL, so that more can be asked for with AND. What stands in quotes is no clause.
func cutOrder(jql string) (query, order string) {
	bare := []byte(jql)
	for i := 0; i < len(bare); i++ {
		quote := bare[i]
		if quote != '"' && quote != '\'' {
			continue
		}
		for i++; i < len(bare) && bare[i] != quote; i++ {
			if bare[i] == '\\' && i+1 < len(bare) {
				bare[i] = '_'
				i++
			}
			bare[i] = '_'
		}
	}
	at := orderBy.FindIndex(bare)
	if at == nil {
		return jql, ""
	}
	return strings.TrimSpace(jql[:at[0]]), jql[at[0]:]
}
