package journal

import (
	"context"
	"encoding/base64"
	"fmt"
)

// Remember keeps data under a key, in place of what was there.
func (j *Journal) Remember(ctx context.Context, key string, data []byte) error {
	msg, err := message(keySubject(key), data, keyHeader, key)
	if err != nil {
		return fmt.Errorf("remember %q: %w", key, err)
	}
	if _, err := j.write(ctx, &write{stream: state, msg: msg, spare: true}); err != nil {
		return fmt.Errorf("remember %q: %w", key, err)
	}
	return nil
}

// Recall returns what Remember kept last under a key. When there is nothing the error is ErrNotFound.
func (j *Journal) Recall(ctx context.Context, key string) ([]byte, error) {
	m, err := j.node.Load().last(ctx, state, keySubject(key))
	if err != nil {
		return nil, fmt.Errorf("recall %q: %w", key, err)
	}
	if m == nil {
		return nil, fmt.Errorf("recall %q: %w", key, ErrNotFound)
	}
	return m.Data, nil
}

// keySubject makes a subject of any key: names of rules and zones have dots and blanks.
func keySubject(key string) string {
	return "state.k" + base64.RawURLEncoding.EncodeToString([]byte(key))
}
