package jiraclient

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
)

// A Sharing is where several machines that are one bot keep one credential. It holds no secret that it could read: what
// would give access is sealed.
type Sharing interface {
	// Member is this machine's name among them. It never changes, and no other machine has it.
	Member() string
	// Update puts what change makes of what is kept, nil at first, into its place; change is called again if another
	// machine was faster. An error of change leaves everything as it is, and comes back.
	Update(ctx context.Context, change func(old []byte) ([]byte, error)) error
	// Exclusive calls do while no other machine is in it, and waits for its turn until ctx ends.
	Exclusive(ctx context.Context, do func(context.Context) error) error
}

// errAsItIs ends an Update that has nothing to change.
var errAsItIs = errors.New("nothing is to be changed")

// seal encrypts with a secret that all machines have anyway, so that neither the records that they share nor a backup of
// them is enough to act as the bot.
func seal(secret string, plain []byte) ([]byte, error) {
	c, err := sealing(secret)
	if err != nil {
		return nil, err
	}
	return c.Seal(nil, nil, plain, nil), nil
}

// unseal takes back what seal made; errSealed where that was with another secret.
func unseal(secret string, sealed []byte) ([]byte, error) {
	c, err := sealing(secret)
	if err != nil {
		return nil, err
	}
	plain, err := c.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

var errSealed = errors.New("it was sealed with another secret than this machine's")

func sealing(secret string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "jirabot: a credential that machines share", 32)
	if err != nil {
		return nil, fmt.Errorf("seal the credential: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal the credential: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
