package jiraclient

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A tokenFile is where the token of OAuth 2.0 stands, with two files beside it: ".lock", held by whoever changes it, and
// ".renewing", which is there while Jira is asked for the next token. That one is made before Jira is asked, large enough
// to take the answer, so that a full disk is met while the old token is still good; the answer is written into it and it
// is moved to where the token stands. What a crash leaves of it tells the next process how far things had come.
type tokenFile string

// An oauth2Token is what the token file holds.
type oauth2Token struct {
	ClientID    string    `json:"client_id"`
	RedirectURI string    `json:"redirect_uri"`
	Access      string    `json:"access_token"`
	Refresh     string    `json:"refresh_token"`
	Due         time.Time `json:"due,omitzero"` // when to renew it; zero where Jira did not say how long it lasts
	Expires     time.Time `json:"expires,omitzero"`
	User        string    `json:"user"`
	Login       string    `json:"login"`              // another one after each bot login
	New         bool      `json:"new,omitempty"`      // it is as bot login left it
	Renewed     int       `json:"renewed,omitempty"`  // how often, since the log-in
	Replaces    string    `json:"replaces,omitempty"` // the fingerprint of the token before it
	Refused     string    `json:"refused,omitempty"`  // why Jira does not renew it
}

// fingerprint names the token without giving it away.
func (t oauth2Token) fingerprint() string {
	sum := sha256.Sum256([]byte(t.Access))
	return hex.EncodeToString(sum[:8])
}

// An attempt is what ".renewing" holds until the answer is there.
type attempt struct {
	Renewing string    `json:"renewing"` // the fingerprint of the token that Jira is to replace
	Since    time.Time `json:"since"`
	// Failed tells how it ended; it is empty while it is under way, and after a crash.
	Failed string `json:"failed,omitempty"`
	// Do is what a person must do where another attempt would fail as well.
	Do string `json:"do,omitempty"`
	// Kept: Jira did certainly not replace the token.
	Kept bool `json:"kept,omitempty"`
	// Lost tells of an earlier attempt whose answer nobody kept.
	Lost string `json:"lost,omitempty"`
}

// lost tells of the first attempt by which the token may have been lost; empty where there is none.
func (a attempt) lost() string {
	at := a.Since.UTC().Format(time.RFC3339)
	switch {
	case a.Lost != "" || a.Kept:
		return a.Lost
	case a.Failed == "":
		return "was cut off by a crash at " + at
	}
	return "got no whole answer at " + at + " (" + a.Failed + ")"
}

// room is more than Jira's answers need.
const room = 32 << 10

func (f tokenFile) path() string     { return string(f) }
func (f tokenFile) renewing() string { return string(f) + ".renewing" }

func (f tokenFile) read() (oauth2Token, error) {
	var t oauth2Token
	err := keptJSON(f.path(), &t)
	switch {
	case missing(err):
		err = errors.New("nobody has logged in yet")
	case err == nil && (t.Access == "" || t.Refresh == ""):
		err = fmt.Errorf("%s holds no token", f.path())
	}
	return t, err
}

// settle finishes what a crash interrupted: it returns the token that takes the place of the one that was read, or tells
// of the attempt whose answer nobody kept. Call it with the lock held.
func (f tokenFile) settle(token oauth2Token) (now oauth2Token, lost string, err error) {
	left, err := os.ReadFile(f.renewing())
	if missing(err) {
		return token, "", nil
	}
	if err != nil {
		return token, "", fmt.Errorf("see how the last renewal ended: %w", err)
	}
	var next oauth2Token
	if json.Unmarshal(left, &next) == nil && next.Access != "" && next.Refresh != "" {
		if next.Replaces != token.fingerprint() {
			return token, "", os.Remove(f.renewing()) // somebody logged in since
		}
		if err := f.move(nil); err != nil {
			return token, "", err
		}
		return next, "", nil
	}
	var begun attempt
	if json.Unmarshal(left, &begun) != nil || begun.Renewing == "" {
		// Torn by a power cut, so there was one.
		begun = attempt{Renewing: token.fingerprint(), Since: stampOf(f.renewing()).at}
	}
	if begun.Renewing != token.fingerprint() {
		return token, "", os.Remove(f.renewing())
	}
	return token, begun.lost(), nil
}

// begin notes the attempt and makes room for its answer, both safe from a power cut.
func (f tokenFile) begin(a attempt) (*os.File, error) {
	_, err := os.Stat(f.renewing())
	made := missing(err)
	// Not truncated: what an earlier attempt left is the room that we need, and on a full disk its note must stay.
	file, err := os.OpenFile(f.renewing(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	err = note(file, a)
	if err == nil {
		err = syncDir(filepath.Dir(f.path()))
	}
	if err != nil {
		err = errors.Join(err, file.Close())
		if made {
			err = errors.Join(err, os.Remove(f.renewing()))
		}
		return nil, err
	}
	return file, nil
}

// note writes an attempt over what the file holds.
func note(file *os.File, a attempt) error {
	content, err := json.Marshal(a)
	if err != nil {
		return err
	}
	if err := file.Truncate(room); err != nil {
		return err
	}
	if err := over(file, content); err != nil {
		return err
	}
	return file.Sync()
}

// over writes with blanks up to the file's end, so that nothing of what stood there is taken for a part of it.
func over(file *os.File, content []byte) error {
	if surplus := room - len(content); surplus > 0 {
		content = append(content, bytes.Repeat([]byte{' '}, surplus)...)
	}
	_, err := file.WriteAt(content, 0)
	return err
}

// keep writes the answer into the room that begin made, and puts it where the token stands.
func (f tokenFile) keep(file *os.File, token oauth2Token) error {
	content, err := json.MarshalIndent(token, "", "  ")
	if err != nil {
		return err
	}
	content = append(content, '\n')
	if err := over(file, content); err != nil {
		return err
	}
	if err := file.Truncate(int64(len(content))); err != nil {
		return err
	}
	return f.move(file)
}

// move puts what is complete in ".renewing" into the token's place.
func (f tokenFile) move(file *os.File) (err error) {
	if file == nil {
		if file, err = os.OpenFile(f.renewing(), os.O_WRONLY, 0); err != nil {
			return err
		}
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.renewing(), f.path()); err != nil {
		return err
	}
	// If a power cut undoes the rename after all, settle does it again: nothing is lost.
	_ = syncDir(filepath.Dir(f.path()))
	return nil
}

// outcome is how the last attempt to renew a token ended, where it is noted.
func (f tokenFile) outcome(of string) (attempt, bool) {
	content, err := os.ReadFile(f.renewing())
	if err != nil {
		return attempt{}, false
	}
	var a attempt
	if json.Unmarshal(content, &a) != nil || a.Renewing != of || a.Failed == "" {
		return attempt{}, false
	}
	return a, true
}

// refuse notes that Jira does not take the refresh token, so that nobody sends it again.
func (f tokenFile) refuse(token oauth2Token, why string) error {
	token.Refused = why
	return f.replace(token)
}

// replace puts another token into the place of whatever stands there. Call it with the lock held.
func (f tokenFile) replace(token oauth2Token) error {
	if err := keepJSON(f.path(), token); err != nil {
		return err
	}
	if err := os.Remove(f.renewing()); err != nil && !missing(err) {
		return fmt.Errorf("keep the credential: %w", err)
	}
	return nil
}
