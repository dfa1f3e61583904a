//go:build !linux && !darwin && !freebsd

package jiraclient

import (
	"context"
	"syscall"
)

// lock does nothing here: on this system only one process may use the credential.
func (f tokenFile) lock(context.Context) (unlock func(), err error) { return func() {}, nil }

func ownSession() *syscall.SysProcAttr { return nil }

func syncDir(string) error { return nil }
