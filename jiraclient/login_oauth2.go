package jiraclient

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
)

// LoginOAuth2 lets a person allow the bot access in a browser, and keeps the token. It replaces the token of a bot that
// runs, which goes over to the new one by itself.
func LoginOAuth2(ctx context.Context, o Options, credential OAuth2Credential, person Person) (User, error) {
	if err := keepable(credential.TokenFile); err != nil {
		return User{}, err
	}
	user, token, err := login2(ctx, o, credential, person)
	if err != nil {
		return User{}, fmt.Errorf("log in with OAuth 2.0: %w", err)
	}
	file := tokenFile(credential.TokenFile)
	unlock, err := file.lock(ctx)
	if err != nil {
		return User{}, err
	}
	defer unlock()
	return user, file.replace(token)
}

func login2(ctx context.Context, o Options, credential OAuth2Credential, person Person) (User, oauth2Token, error) {
	o.Auth = OAuth2(credential)
	client, err := New(o)
	if err != nil {
		return User{}, oauth2Token{}, err
	}
	defer client.http.CloseIdleConnections()
	bearer := client.keeps.(*oauth2Bearer)
	credential = bearer.credential // with its default
	proof := oauth2.GenerateVerifier()
	code, err := bearer.consent(ctx, person, rand.Text(), proof)
	if err != nil {
		return User{}, oauth2Token{}, err
	}
	limited, cancel := context.WithTimeout(ctx, bearer.timeout)
	defer cancel()
	token, err := bearer.exchange(limited, credential, func(ctx context.Context, c *oauth2.Config) (*oauth2.Token, error) {
		return c.Exchange(ctx, code, oauth2.VerifierOption(proof))
	})
	if err != nil {
		return User{}, oauth2Token{}, err
	}
	if token.Refresh == "" {
		return User{}, oauth2Token{}, errors.New("what Jira gave is a token that cannot be renewed")
	}
	o.Auth = Token(token.Access)
	try, err := New(o)
	if err != nil {
		return User{}, oauth2Token{}, err
	}
	defer try.http.CloseIdleConnections()
	_, user, err := try.Connect(ctx)
	if err != nil {
		return User{}, oauth2Token{}, fmt.Errorf("try the new token: %w", err)
	}
	token.User, token.Login, token.New = user.Name, rand.Text(), true
	return user, token, nil
}

// consent sends the person to Jira's page and returns the code with which their browser comes back.
func (b *oauth2Bearer) consent(ctx context.Context, person Person, state, proof string) (string, error) {
	back, err := url.Parse(b.credential.RedirectURI)
	if err != nil {
		return "", fmt.Errorf("read redirect_uri: %w", err)
	}
	page := b.credential.config(b.link).AuthCodeURL(state, oauth2.S256ChallengeOption(proof))
	const invite = "Log in to Jira in a browser as the bot user, open this page, and allow access:\n\n  %s\n\n"
	if back.Scheme != "http" || back.Port() == "" || !loopback(back.Hostname()) {
		fmt.Fprintf(person.Out, "\n"+invite+"Jira then sends the browser to an address that begins with\n\n  %s\n\n"+
			"It does not matter whether a page is there: what is needed is the address itself.\n\n", page, b.credential.RedirectURI)
		pasted, err := person.typed(ctx, "The address to which the browser was sent: ")
		if err != nil {
			return "", err
		}
		return codeIn(pasted, state)
	}
	visit, err := await(back.Host, back.Path, func(v url.Values) bool { return v.Get("state") == state })
	if err != nil {
		return "", err
	}
	defer visit.close()
	fmt.Fprintf(person.Out, "\n"+invite+"Jira then sends the browser to %s, where this program waits. A browser on another machine finds nothing\n"+
		"there: then fetch the address that it shows on this machine, with curl.\n\n", page, b.credential.RedirectURI)
	values, err := visit.values(ctx)
	if err != nil {
		return "", err
	}
	return codeOf(values)
}

// codeIn finds the code in what a person pasted: the whole address, its end, or only the code.
func codeIn(pasted, state string) (string, error) {
	_, query, whole := strings.Cut(pasted, "?")
	if !whole {
		query = pasted
	}
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", errors.New("what was pasted is no address")
	}
	if !values.Has("code") && !values.Has("error") {
		if whole || strings.ContainsAny(pasted, "/= ") {
			return "", errors.New("the address holds no code: paste the one to which Jira sent the browser after the click on Allow")
		}
		return pasted, nil // which nobody can use without the proof that only we have
	}
	if (whole || values.Has("state")) && values.Get("state") != state {
		return "", errors.New("the address belongs to another log-in: open the page that was just printed")
	}
	return codeOf(values)
}

func codeOf(values url.Values) (string, error) {
	switch said := oauth2Code(values.Get("error")); {
	case said == "access_denied":
		return "", errors.New("access was denied in the browser")
	case said != "":
		text := "Jira refused: " + said
		if hint := oauth2Hint(said); hint != "" {
			text += " (" + hint + ")"
		}
		return "", errors.New(text)
	case values.Get("code") == "":
		return "", errors.New("the browser came back from Jira without a code")
	}
	return values.Get("code"), nil
}
