package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowscope/decision"
)

// maxGiven bounds a token of the person's own, in bytes.
const maxGiven = 1 << 20

// The variables of the environment that a token of the person's own is read
// from.
const (
	envRefresh   = "FLOWSCOPE_REFRESH_TOKEN"
	envAssertion = "FLOWSCOPE_ASSERTION"
)

// takes says which token of the person's own a flow begins with, and in which
// variable it may stand; empty for a flow that takes none.
func takes(f decision.Flow) (what, variable string) {
	switch f {
	case decision.RefreshToken:
		return "a refresh token", envRefresh
	case decision.OnBehalfOf:
		return "an access token for the API in the middle", envAssertion
	case decision.TokenExchange:
		return "the token to exchange", envAssertion
	}
	return "", ""
}

// given reads the token that a flow begins with: from the file that --given
// names, from the environment, or from standard input where that is no terminal.
// Without one the flow gets its first token by itself.
func (c *call) given(cmd *cobra.Command, flow decision.Flow, o *runFlags) (string, error) {
	what, variable := takes(flow)
	switch {
	case what == "" && o.given != "":
		return "", usage(cmd, "%s begins with no token: --given has no meaning there", flow.Title())
	case what == "":
		return "", nil
	}
	text, from := "", ""
	var err error
	switch {
	case o.given == "-":
		text, err = c.readIn(cmd.Context(), maxGiven)
		from = "standard input"
	case o.given != "":
		var data []byte
		data, err = c.d.ReadFile(o.given)
		if errors.Is(err, fs.ErrNotExist) || isNameTooLong(err) { // perhaps the token itself: not repeated
			return "", usage(cmd, "--given takes the name of a file, or - for standard input; there is no such file")
		}
		err = fileError(o.given, err)
		text, from = string(data), "the file"
	case c.d.Getenv(variable) != "":
		text, from = c.d.Getenv(variable), variable
	case !c.d.Terminal && !isTerminal(c.d.In) && !o.step:
		text, err = c.readPatiently(cmd.Context(), what)
		from = "standard input"
	}
	if err != nil {
		return "", err
	}
	text = strings.TrimSpace(text)
	if text == "" && o.given != "" {
		return "", usage(cmd, "--given: there is nothing to read")
	}
	if strings.ContainsAny(text, " \t\r\n") {
		return "", usage(cmd, "%s holds more than one word, and %s is one", from, what)
	}
	if text == "" {
		return "", nil
	}
	c.redactor().Mask(text)
	c.say(fmt.Sprintf("Begins with %s from %s.", what, from))
	return text, nil
}

// patience is how long standard input may stay silent before it is said what is
// being waited for.
const patience = time.Second

// readPatiently reads a token from standard input, which somebody may have left
// open without knowing that it is read.
func (c *call) readPatiently(ctx context.Context, what string) (string, error) {
	var text string
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		text, err = c.readIn(ctx, maxGiven)
	}()
	select {
	case <-done:
		return text, err
	case <-time.After(patience):
	}
	c.say("Waiting for " + what + " on standard input: end it, or give < /dev/null for none.")
	<-done // readIn ends with ctx
	return text, err
}

// isNameTooLong reports whether a file can't be there because its name is none.
func isNameTooLong(err error) bool {
	return err != nil && strings.Contains(err.Error(), "name too long")
}
