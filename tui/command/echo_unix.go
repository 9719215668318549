//go:build !windows

package command

import (
	"io"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// echoOff keeps a terminal from showing what is typed; the function that it
// gives puts that back. What is no terminal is left alone.
func echoOff(in io.Reader) func() {
	f, ok := in.(interface{ Fd() uintptr })
	if !ok {
		return func() {}
	}
	before, err := term.GetState(f.Fd())
	if err != nil {
		return func() {}
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO
	if term.SetState(f.Fd(), &quiet) != nil {
		return func() {}
	}
	return func() { _ = term.SetState(f.Fd(), before) }
}
