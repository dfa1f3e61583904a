package event

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

func (r *reader) user() User {
	var u User
	var self, username string
	r.object(func(key []byte) {
		switch string(key) {
		case "name":
			u.Name = r.text()
		case "key":
			u.Key = r.text()
		case "accountId":
			u.AccountID = r.text()
		case "emailAddress":
			u.Email = r.text()
		case "displayName":
			u.DisplayName = r.text()
		case "active":
			u.Active = r.flag()
		case "timeZone":
			u.TimeZone = r.text()
		case "username":
			username = r.text()
		case "self":
			self = r.text()
		}
	})
	if u.ID() == "" {
		u.Name = username
	}
	if u.ID() == "" {
		u.nameFrom(self)
	}
	return u
}

// nameFrom finds out who a user without a name is from the address of his page.
func (u *User) nameFrom(self string) {
	_, query, _ := strings.Cut(self, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return
	}
	for _, name := range []string{"username", "key", "accountId"} {
		if !utf8.ValidString(values.Get(name)) {
			return // %ff in an address is a byte, and no letter
		}
	}
	u.Name, u.Key, u.AccountID = values.Get("username"), values.Get("key"), values.Get("accountId")
}
