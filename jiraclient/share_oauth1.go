package jiraclient

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A sharedToken1 is the token of OAuth 1.0a that several machines use. Nothing changes it but a log-in, and the last one
// counts. Its JSON names are on disks.
type sharedToken1 struct {
	User   string `json:"user"`
	Sealed []byte `json:"sealed"` // the token, with the private key
}

func (t oauth1Token) share(key *rsa.PrivateKey) ([]byte, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	s := sharedToken1{User: t.User}
	if s.Sealed, err = seal(string(x509.MarshalPKCS1PrivateKey(key)), plain); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

func readShared1(key *rsa.PrivateKey, data []byte) (t oauth1Token, err error) {
	var s sharedToken1
	if json.Unmarshal(data, &s) != nil {
		return t, errors.New("what the machines share cannot be read as a token")
	}
	plain, err := unseal(string(x509.MarshalPKCS1PrivateKey(key)), s.Sealed)
	if err != nil {
		return t, &LoginError{User: s.User, Cause: fmt.Errorf("the token that the machines share cannot be opened: %w", err),
			Do: "give all machines the private key with which bot login was run, as jira.auth.oauth1.key_file"}
	}
	if json.Unmarshal(plain, &t) != nil {
		return t, errors.New("what the machines share holds no token")
	}
	return t, nil
}

// together finds the token here or among the machines, after this one's files were read with an error or without. Call it
// with mu held.
func (s *oauth1Signer) together(key *rsa.PrivateKey, here oauth1Token, err error) (oauth1Token, error) {
	switch {
	case key == nil && missing(err):
		return here, &LoginError{User: "the bot user", Cause: err,
			Do: "run bot login on one machine, and give all of them the private key that it makes, as jira.auth.oauth1.key_file"}
	case err != nil && !missing(err):
		return here, err
	}
	met, unmet := s.meet(key, here)
	switch {
	case errors.As(unmet, new(*LoginError)):
		return here, unmet
	case unmet != nil && err != nil:
		return here, &NetworkError{Method: "POST", Path: "/plugins/servlet/oauth/access-token", Err: fmt.Errorf("see which token the machines share: %w", unmet)}
	case unmet != nil || met.Token == "":
		return here, err // it hardly ever changes
	}
	return met, nil
}

// meet brings this machine's token, the zero one if it has none, and the shared one together, and returns the newer one;
// the zero one where there is neither. Call it with mu held.
func (s *oauth1Signer) meet(key *rsa.PrivateKey, here oauth1Token) (oauth1Token, error) {
	ctx, cancel := context.WithTimeout(context.Background(), shareTime)
	defer cancel()
	var met oauth1Token
	err := s.credential.Share.Update(ctx, func(old []byte) (_ []byte, err error) {
		s.shared = old
		if old != nil && !here.New || here.Token == "" {
			if met = here; old != nil {
				met, err = readShared1(key, old)
			}
			if err == nil {
				err = errAsItIs
			}
			return nil, err
		}
		met = here
		met.New = false
		s.shared, err = met.share(key)
		return s.shared, err
	})
	switch {
	case err != nil && !errors.Is(err, errAsItIs):
		return oauth1Token{}, err
	case met == here:
		return met, nil
	}
	return met, keepJSON(s.credential.TokenFile, met)
}

// lookTime is how long it may take to see what the machines share, for somebody who asks whether it has changed.
const lookTime = 2 * time.Second

// elsewhere tells whether somebody has logged in on another machine. Call it with mu held.
func (s *oauth1Signer) elsewhere() bool {
	if since := s.now().Sub(s.looked); since >= 0 && since < time.Second { // each request that is held back asks
		return false
	}
	s.looked = s.now()
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	var there []byte
	err := s.credential.Share.Update(ctx, func(old []byte) ([]byte, error) {
		there = old
		return nil, errAsItIs
	})
	return errors.Is(err, errAsItIs) && !bytes.Equal(there, s.shared)
}
