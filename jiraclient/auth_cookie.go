package jiraclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"sync"
)

// Cookie logs in with a user name and password and goes on with the session's cookies. Jira 11 has it switched off by
// default, together with basic authentication. Close logs out.
// https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/#auth/1/session
func Cookie(user, password string) Auth {
	a := Auth{name: "cookie", user: user, secrets: []string{password}}
	if user == "" || password == "" {
		a.err = errors.New("a cookie session needs both a user and a password")
	}
	a.wrap = func(l link) http.RoundTripper { return &sessions{link: l, user: user, password: password} }
	return a
}

// sessions signs with the session that there is, and begins one where there is none.
type sessions struct {
	link
	user, password string

	logging sync.Mutex // held by whoever logs in

	mu      sync.Mutex
	cookies *cookiejar.Jar // of the session; nil without one
	known   []string       // the cookies' values
	refused error          // the password is not sent again
}

// RoundTrip sends the request with the session's cookies. With a session that has ended Jira does not refuse, it takes us
// for nobody: then it logs in once more and sends again what certainly did nothing.
func (s *sessions) RoundTrip(r *http.Request) (*http.Response, error) {
	jar, err := s.session(r.Context(), nil)
	if err != nil {
		return nil, err
	}
	response, err := s.send(r, jar)
	if err != nil || !nobody(response) {
		return response, err
	}
	response.Body.Close()
	again, replayable := replay(r)
	write := r.Method != http.MethodGet
	if done := write && response.StatusCode < 400; done || !replayable {
		// What nobody was allowed to write may have been written all the same: the caller has to look.
		s.forget(jar)
		return nil, &NetworkError{
			Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, s.jira.Path), Sent: done, write: write,
			Err: errors.New("the session had ended, and Jira took the request for nobody's"),
		}
	}
	fresh, err := s.session(r.Context(), jar)
	if err != nil {
		return nil, err
	}
	return s.send(again, fresh)
}

func (s *sessions) send(r *http.Request, jar *cookiejar.Jar) (*http.Response, error) {
	r = r.Clone(r.Context())
	for _, cookie := range jar.Cookies(r.URL) {
		r.AddCookie(cookie)
	}
	response, err := s.next.RoundTrip(r)
	if err == nil && !nobody(response) {
		// Nobody's cookies would put an empty session into the place of ours.
		s.keep(jar, r, response.Cookies())
	}
	return response, err
}

func (s *sessions) keep(jar *cookiejar.Jar, r *http.Request, cookies []*http.Cookie) {
	if len(cookies) == 0 {
		return
	}
	jar.SetCookies(r.URL, cookies)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cookie := range cookies {
		if !slices.Contains(s.known, cookie.Value) {
			s.known = append(s.known, cookie.Value)
		}
	}
	if surplus := len(s.known) - 32; surplus > 0 {
		s.known = slices.Delete(s.known, 0, surplus)
	}
}

// session is the one that there is, unless it is ended, the one that has just proved worthless.
func (s *sessions) session(ctx context.Context, ended *cookiejar.Jar) (*cookiejar.Jar, error) {
	s.logging.Lock()
	defer s.logging.Unlock()
	s.mu.Lock()
	jar, refused := s.cookies, s.refused
	s.mu.Unlock()
	switch {
	case refused != nil:
		return nil, refused
	case jar != nil && jar != ended:
		return jar, nil
	}
	jar, err := s.logIn(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(err, ErrUnauthorized) {
		s.refused = err
	}
	s.cookies = jar
	return jar, err
}

// logIn begins a session. The cookies count, all of them, and not the value in the body: which node behind a load
// balancer knows the session stands in a cookie of its own.
func (s *sessions) logIn(ctx context.Context) (*cookiejar.Jar, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("keep cookies: %w", err)
	}
	login := post("/rest/auth/1/session").carrying(map[string]string{"username": s.user, "password": s.password})
	login.asks = true
	err = s.ask(ctx, login, jar, hiding(s.password), nil)
	if e, ok := errors.AsType[*Error](err); ok && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed) {
		e.kind, e.Hint = ErrUnauthorized, "this Jira begins no cookie sessions; use a personal access token"
	}
	if err != nil {
		return nil, err
	}
	cookies := jar.Cookies(s.jira.JoinPath("/rest/"))
	if len(cookies) == 0 {
		return nil, &Error{
			Status: http.StatusOK, Method: login.method, Path: login.path, kind: ErrUnauthorized,
			Hint: "Jira accepted the password and gave no cookie: does something on the way drop Set-Cookie?",
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cookie := range cookies {
		s.known = append(s.known, cookie.Value)
	}
	return jar, nil
}

func (s *sessions) forget(jar *cookiejar.Jar) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cookies == jar {
		s.cookies = nil
	}
}

func (s *sessions) hidden() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.known)
}

func (s *sessions) changed() bool { return false }

func (s *sessions) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = nil
}

// close logs out, so that no session is left behind in Jira.
func (s *sessions) close(ctx context.Context) error {
	s.mu.Lock()
	jar := s.cookies
	s.cookies = nil
	s.mu.Unlock()
	if jar == nil {
		return nil
	}
	err := s.ask(ctx, remove("/rest/auth/1/session"), jar, hiding(s.hidden()...), nil)
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusUnauthorized {
		return nil // it had ended already
	}
	if err != nil {
		return fmt.Errorf("log out: %w", err)
	}
	return nil
}

// nobody: Jira took the request for an anonymous one. Where nothing names a user, a 401 says so.
func nobody(r *http.Response) bool {
	as, told := identity(r.Header)
	if told {
		return as == anonymous
	}
	return r.StatusCode == http.StatusUnauthorized
}

func (s *sessions) worry() error { return nil }

// replay is the request with its body from the beginning, where that can be had once more.
func replay(r *http.Request) (*http.Request, bool) {
	again := r.Clone(r.Context())
	switch {
	case r.Body == nil || r.Body == http.NoBody:
		return again, true
	case r.GetBody == nil:
		return nil, false
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, false
	}
	again.Body = body
	return again, true
}
