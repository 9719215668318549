package command

import (
	"io"

	"github.com/charmbracelet/x/term"
	"golang.org/x/sys/windows"
)

// echoOff keeps a console from showing what is typed; the function that it gives
// puts that back. What is no console is left alone.
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
	quiet.Mode &^= windows.ENABLE_ECHO_INPUT
	if term.SetState(f.Fd(), &quiet) != nil {
		return func() {}
	}
	return func() { _ = term.SetState(f.Fd(), before) }
}
