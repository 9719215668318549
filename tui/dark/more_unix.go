//go:build unix

package dark

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// more reports whether the file has input within this time.
func more(f *os.File, wait time.Duration) bool {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, int(wait.Milliseconds()))
	return err == nil && n > 0 && fds[0].Revents&unix.POLLIN != 0
}
