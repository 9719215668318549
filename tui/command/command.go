// Package command is flowscope without a screen: each question that a screen
// answers is a command here, for scripts, pipes and CI. Data goes to standard
// output, words go to standard error, and how it ended is the exit status.
//
// It builds no driver, no lab and no screen: it is handed what it needs. It
// takes no secret as the value of a flag, and it writes none: all output passes
// one Redactor, save where the user asked for the secrets by name.
package command

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"time"

	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/labinfo"
	"flowscope/engine/observe"
	"flowscope/engine/profile"
	"flowscope/engine/trace"
	"flowscope/validate"
)

// App is what the commands work with, made for the global flags of one
// invocation.
type App struct {
	Runner *engine.Runner
	Target engine.Target // the lab
	Now    func() time.Time
	// Keys gives the source of keys that a token is checked with, nil when there
	// is none to be had. It is called at most once for each invocation; the
	// source is used by many goroutines.
	Keys func(o KeyOptions) (validate.KeySource, error)
	// Checker gives what checks one token or a few, with the keys that the options
	// name: its reports have the requests that the keys took, and the issuer that
	// it would take the person's word to ask. Errors are those of reading the keys
	// that were named.
	Checker func(o KeyOptions) (*inspect.Checker, error)
	// Expectations gives what a profile of the configuration expects of tokens: of
	// each of its APIs' and of its client's ID tokens. It fails when the
	// configuration can't be read or has no such profile.
	Expectations func(profile string) ([]inspect.Preset, error)
	// Profile gives the real tenant that a profile of the configuration names.
	// It fails when the configuration can't be read or has no such profile.
	Profile func(name string) (engine.Target, error)
	// Issuer gives an OpenID Connect issuer that has no profile.
	Issuer func(o IssuerOptions) (engine.Target, error)
	// Profiles are the saved targets.
	Profiles Profiles
	// Ask asks for a secret at the terminal, without echo. The commands set it
	// where there is a terminal; nil: nobody can be asked.
	Ask func(question string) (string, error)
	// Lab serves the lab to other programs and switches its conditions.
	Lab labinfo.Lab
	// Requests are what other programs have asked of it.
	Requests *observe.Log
}

// KeyOptions says where the keys for a token come from. At most one of JWKS and
// JWKSURL is set; with neither, the issuer is asked.
type KeyOptions struct {
	// Context ends with the invocation; a fetch of JWKSURL ends with it.
	Context context.Context
	// JWKS is the content of a file with keys, nil when none was named: a JWK Set
	// or one JWK (RFC 7517), or a public key or certificates in PEM (RFC 7468).
	JWKS []byte
	// JWKSURL is the address of a JWK Set: https, or http on loopback. The user
	// typed it, so it may be asked.
	JWKSURL string
	// Issuer is the issuer that the user stated, perhaps with {tenantid}; it
	// may be asked. Empty: only the issuers that may always be asked.
	Issuer string
	// Offline says that nothing may be sent to the network; JWKSURL is empty
	// then. The lab lives in this process and may be asked still.
	Offline bool
}

// IssuerOptions name an issuer and a client of it.
type IssuerOptions struct {
	Issuer      string // the issuer identifier, https, or http on this machine
	ClientID    string // empty: FLOWSCOPE_CLIENT_ID of the environment
	RedirectURI string // empty: FLOWSCOPE_REDIRECT_URI, else http://localhost:8400/callback
	Scopes      []string
	// AskSecret asks for the client secret where FLOWSCOPE_CLIENT_SECRET has none.
	AskSecret bool
}

// Profiles are the saved targets of the configuration file.
type Profiles interface {
	// Path gives where the file is, or would be.
	Path() string
	// Load reads and checks the file.
	Load() (profile.Config, error)
	// Save writes a profile; was is its name so far, empty for a new one.
	Save(was, name string, p profile.Profile) error
	// Remove takes a profile out.
	Remove(name string) error
	// Target makes the target of a profile. told are answers to what it has to
	// ask, by key; without one it fails with *profile.AskError.
	Target(name string, p profile.Profile, told map[string]string) (engine.Target, error)
	// Ready gives nil when the credentials of a profile are where it says.
	Ready(name string, p profile.Profile) error
}

// Settings are the global flags.
type Settings struct {
	Theme         string // name of a theme; empty: not said
	Config        string // path of the configuration file; empty: not said
	NoColor       bool   // by flag or by NO_COLOR
	ASCII         bool
	Deterministic bool // fixed clock, ids and keys; the lab only
}

// Deps is what the commands need from outside. Nothing else of the process is
// touched.
type Deps struct {
	In       io.Reader
	Out, Err io.Writer
	// Terminal says that standard input and standard output are both a terminal.
	Terminal bool
	Getenv   func(string) string
	ReadFile func(string) ([]byte, error)
	// Progress gives the width, in columns, of the terminal on which a long command
	// may draw how far it is: it is standard error's, and nobody else writes to it.
	// The function that it gives is nil where there is none. From then on a
	// write to a closed pipe fails and does not end the process, so that what is
	// drawn can be taken away. Nil: there is none.
	Progress func() func() int
	// OpenFile opens a file that is read line by line; nil means os.Open.
	OpenFile func(string) (io.ReadCloser, error)
	Version  string
	// New makes the App. It is cheap and called only by commands that need it.
	New func(Settings) (*App, error)
	// Open opens the program's screens and returns when they are closed.
	Open func(context.Context, Settings) error
	// OpenLab opens them on the lab's; begin is called before, and an error of
	// it keeps them from opening.
	OpenLab func(ctx context.Context, s Settings, begin func(context.Context, labinfo.Lab) error) error
	// WriteNew writes a file that must not be there yet.
	WriteNew func(name, text string) error
	// WritePrivate writes a file that its owner alone may read: a new one, or with
	// force over one that is there. Nil: into the file system.
	WritePrivate func(name string, text []byte, force bool) error
}

// The exit statuses.
const (
	exitFine        = 0
	exitError       = 1
	exitUsage       = 2
	exitInvalid     = 3 // the token is invalid, the run failed or was refused
	exitUnverified  = 4
	exitInterrupted = 130
)

// status is an ending that has been told already: only its number is left.
type status int

// Error makes a status travel as an error; it is never printed.
func (s status) Error() string { return "" }

// usageError is a mistake in the command line.
type usageError struct {
	command string // "flowscope run"
	text    string
}

// Error gives the mistake and where to read on.
func (e *usageError) Error() string { return e.text + " (see " + e.command + " --help)" }

// Main runs one invocation with the arguments behind the program's name and
// gives its exit status: 0 fine, 1 error, 2 usage, 3 invalid or failed, 4 not
// verified, 130 interrupted. An error is told in one line on d.Err.
func Main(ctx context.Context, d Deps, args []string) int {
	c := newCall(d)
	c.args = args
	root := newRoot(c)
	root.SetArgs(append([]string{}, args...))
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = c.outErr
	}
	return c.ending(ctx, err)
}

// ending tells an error, where there is one, and gives its exit status.
func (c *call) ending(ctx context.Context, err error) int {
	var told status
	var usage *usageError
	switch {
	case c.outErr != nil && errors.Is(c.outErr, syscall.EPIPE):
		c.say("flowscope: nobody reads the output any more")
		return exitError
	case c.outErr != nil:
		c.say("flowscope: the output can't be written: " + c.outErr.Error())
		return exitError
	case err == nil:
		return exitFine
	case errors.As(err, &told):
		return int(told)
	case ctx.Err() != nil:
		c.say("flowscope: interrupted")
		return exitInterrupted
	case errors.As(err, &usage):
		c.say("flowscope: " + c.hide(err.Error()))
		return exitUsage
	}
	c.say("flowscope: " + oneLine(c.hide(err.Error())))
	return exitError
}

func oneLine(s string) string { return strings.Join(strings.Fields(trace.Plain(s)), " ") }
