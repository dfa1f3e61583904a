package jiraclient

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

// RenewalProcess makes a Renew that starts a program, which calls RenewOAuth2 with its last argument. The program is a
// session of its own and shares no pipe with us, so it brings the renewal to its end when we are killed, one by one or by
// terminal. What kills both does not spare it: the end of a container, systemd's default KillMode, a power cut.
func RenewalProcess(program string, arguments ...string) func(context.Context, string) error {
	return func(_ context.Context, fingerprint string) error {
		command := exec.Command(program, append(slices.Clone(arguments), fingerprint)...)
		command.Args[0] = os.Args[0] // a program may be several, by the name it is started under
		command.SysProcAttr = ownSession()
		if err := command.Run(); err != nil {
			return fmt.Errorf("run %s to renew the token: %w", program, err)
		}
		return nil
	}
}
