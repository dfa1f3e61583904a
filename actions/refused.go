package actions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"jirabot/jiraclient"
)

// A screen is where fields are set.
type screen struct {
	name  string // the edit screen of PAY-7
	where jiraclient.PermissionQuery
	// fields are those on it that the bot user may set, by ID.
	fields func(ctx context.Context) (map[string]jiraclient.FieldMeta, error)
}

// refused says more about fields that Jira refused. Jira has one text, "cannot be set. It is not on the appropriate screen,
// or unknown", for fields that are not on the screen, that are hidden, and that take a permission of their own.
func refused(ctx context.Context, jira *Jira, at screen, sent []jiraclient.Field, err error) error {
	answer, ok := errors.AsType[*jiraclient.Error](err)
	if !ok || answer.Status != http.StatusBadRequest || len(answer.Fields) == 0 {
		return err
	}
	meant := slices.DeleteFunc(slices.Clone(sent), func(f jiraclient.Field) bool { return answer.Fields[f.ID] == "" })
	for _, f := range meant {
		if need := fieldPermission(f.ID); need != "" && lacks(ctx, jira, at.where, need) {
			return fmt.Errorf("field %s takes the permission %s: %w: %w", nameOf(f), need, jiraclient.ErrDenied, err)
		}
	}
	offered, askErr := at.fields(ctx)
	if askErr != nil {
		return err // the first error matters more
	}
	var off []string
	for _, f := range meant {
		if _, settable := offered[f.ID]; !settable {
			off = append(off, nameOf(f))
		}
	}
	if off == nil {
		return err
	}
	return fmt.Errorf("%s does not offer the bot user the %s %s: it is not on that screen, or hidden by the field configuration: %w",
		at.name, plural(len(off), "field"), strings.Join(off, ", "), err)
}

// lacks tells whether Jira says for certain that our user has no such permission.
func lacks(ctx context.Context, jira *Jira, where jiraclient.PermissionQuery, p jiraclient.Permission) bool {
	have, err := jira.MyPermissions(ctx, where, p)
	granted, known := have[p]
	return err == nil && known && !granted
}
