package sweep

import (
	"encoding/json"
	"strings"
)

// A link is one of an issue's links.
type link struct {
	ID   text `json:"id"`
	Type struct {
		ID      text   `json:"id"`
		Name    string `json:"name"`
		Inward  string `json:"inward"`
		Outward string `json:"outward"`
	} `json:"type"`
	OutwardIssue *end `json:"outwardIssue"` // set if this issue is the source
	InwardIssue  *end `json:"inwardIssue"`
}

type end struct {
	ID  text   `json:"id"`
	Key string `json:"key"`
}

// linkOf finds the link whose making an item of the changelog tells: "This issue blocks PAY-2". None is found when it was
// removed since.
func (i *issue) linkOf(it item) (link, bool) {
	for _, raw := range list(i.fields["issuelinks"]) {
		var l link
		if json.Unmarshal(raw, &l) != nil {
			continue
		}
		other, relation := l.InwardIssue, l.Type.Inward
		if l.OutwardIssue != nil {
			other, relation = l.OutwardIssue, l.Type.Outward
		}
		if other != nil && other.Key == string(it.To) && strings.Contains(string(it.ToString), relation) {
			return l, true
		}
	}
	return link{}, false
}

// linked tells of a link, once: both issues have it in their changelog, and the event is the source's. Its body has
// numbers, no keys and nobody who did it.
func (t *story) linked(e *entry, it item) {
	l, there := t.linkOf(it)
	if it.To == "" || !there || l.OutwardIssue == nil {
		return
	}
	body := map[string]any{"issueLink": map[string]any{
		"id": number(string(l.ID)), "sourceIssueId": number(t.ID), "destinationIssueId": number(string(l.OutwardIssue.ID)), "systemLink": false,
		"issueLinkType": map[string]any{
			"id": number(string(l.Type.ID)), "name": l.Type.Name, "outwardName": l.Type.Outward, "inwardName": l.Type.Inward,
			"isSubTaskLinkType": false, "isSystemLinkType": false,
		},
	}}
	t.tell(happened{e.Created.Time, linkCreated, e.Author, body, nil})
}
