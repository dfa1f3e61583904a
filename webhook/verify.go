package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
)

const signatureScheme = "sha256="

var (
	errSeveralSignatures = errors.New("there are several signatures; want one")
	errOddSignature      = errors.New("the signature is not of the form sha256=<64 hex digits>")
	errWrongSignature    = errors.New("the signature does not fit the body: another secret, or the body was changed on its way")
)

// parseSignature reads the values of a signature header. Any algorithm but SHA-256 is refused: the caller must not be the
// one who chooses how well he is checked.
func parseSignature(values []string) ([]byte, error) {
	if len(values) != 1 {
		return nil, errSeveralSignatures
	}
	digits, ok := strings.CutPrefix(values[0], signatureScheme)
	if !ok || len(digits) != hex.EncodedLen(sha256.Size) {
		return nil, errOddSignature
	}
	mac, err := hex.DecodeString(digits)
	if err != nil {
		return nil, errOddSignature
	}
	return mac, nil
}

// verify checks a signature over the body's bytes, as they came and before anything reads them as text.
func verify(secret, body, mac []byte) error {
	h := hmac.New(sha256.New, secret)
	h.Write(body)
	if !hmac.Equal(h.Sum(nil), mac) {
		return errWrongSignature
	}
	return nil
}

// A key is a token that a caller has to know. Only its digest is kept and compared, so that the time a comparison takes
// tells neither content nor length.
type key struct {
	set    bool
	digest [sha256.Size]byte
}

func newKey(token string) key {
	return key{set: token != "", digest: sha256.Sum256([]byte(token))}
}

func (k key) fits(token string) bool {
	digest := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(digest[:], k.digest[:]) == 1 && k.set
}
