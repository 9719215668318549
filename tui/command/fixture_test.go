package command_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"flowscope/engine"
	"flowscope/engine/inspect"
	"flowscope/engine/lab"
	"flowscope/engine/labinfo"
	"flowscope/engine/labtarget"
	"flowscope/engine/loopback"
	"flowscope/engine/msal"
	"flowscope/engine/oidc"
	"flowscope/engine/signin"
	"flowscope/tui/command"
	"flowscope/validate"
	"flowscope/validate/jwks"
)

// instant is where the clock of the tests stands.
var instant = time.Date(2026, time.November, 20, 10, 2, 0, 0, time.UTC)

// bench is one invocation's surroundings: what goes in, and what came out.
type bench struct {
	in       io.Reader
	terminal bool
	env      map[string]string
	files    map[string]string
	ctx      context.Context
	lab      *lab.Lab
	out, err bytes.Buffer
	writer   io.Writer // in place of out
	asked    []command.KeyOptions
	opened   *command.Settings
	made     int // how often the App was made
	shared   *labtarget.Lab
	begun    error             // what the beginning of the lab's screen came to
	written  map[string]string // by WriteNew
	private  map[string]string // by WritePrivate
	progress func() func() int // the terminal for a bar
	open     func(name string) (io.ReadCloser, error)
	live     bool // the profile "work" is the lab under the name of a live target
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return &bench{in: strings.NewReader(""), env: map[string]string{}, files: map[string]string{}, ctx: t.Context()}
}

// on makes the lab of the bench, deterministic so that no key is generated.
func (b *bench) on() *lab.Lab {
	if b.lab == nil {
		b.lab = lab.New(lab.Options{Clock: func() time.Time { return instant }, Deterministic: true})
	}
	return b.lab
}

func (b *bench) newApp(command.Settings) (*command.App, error) {
	b.made++
	target, err := labtarget.New(b.on())
	if err != nil {
		return nil, err
	}
	now := func() time.Time { return instant }
	b.shared = labtarget.NewLab(b.on(), now)
	return &command.App{
		Profile: func(name string) (engine.Target, error) {
			if name != "work" || !b.live {
				return engine.Target{}, errors.New("there is no profile " + name)
			}
			live := target.Target
			live.Name, live.Title, live.Live, live.Switch = "work", "contoso.example", true, nil
			return live, nil
		},
		Runner: &engine.Runner{
			Outside:  elsewhereAPI{},
			Drivers:  []engine.Driver{msal.Driver{}, oidc.Driver{}},
			Verifier: func() engine.Verifier { return inspect.Verifier{Now: now}.Run() },
			Agent:    signin.Agent{}, Paste: loopback.Paste{}, Now: now,
			Rand: rand.NewChaCha8([32]byte([]byte("flowscope, always the same bytes"))),
		},
		Target: target.Target, Now: now, Lab: b.shared, Requests: b.shared.Requests(),
		Expectations: presets,
		Checker: func(o command.KeyOptions) (*inspect.Checker, error) {
			b.asked = append(b.asked, o)
			c := inspect.NewChecker(inspect.CheckerOptions{
				Transport: labtarget.Transport(b.on(), nil), Now: now, MayAsk: inspect.MayAsk(target.Target),
			})
			if o.JWKS != nil {
				_, err := c.UseKeys(o.JWKS)
				return c, err
			}
			return c, nil
		},
		Keys: func(o command.KeyOptions) (validate.KeySource, error) {
			b.asked = append(b.asked, o)
			if o.JWKS != nil {
				return jwks.FromJSON(o.JWKS)
			}
			return jwks.New(jwks.Options{
				Client: &http.Client{Transport: labtarget.Transport(b.on(), nil)}, Clock: now,
				MayAsk: inspect.MayAsk(target.Target),
			}), nil
		},
	}, nil
}

// elsewhereAPI stands for an API outside the target: it takes every token.
type elsewhereAPI struct{}

func (elsewhereAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"host":"` + r.URL.Host + `"}`)), Request: r,
	}, nil
}

func (b *bench) readFile(name string) ([]byte, error) {
	text, ok := b.files[name]
	switch {
	case name == "." || strings.HasSuffix(name, "/"):
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	case len(name) > 255:
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENAMETOOLONG}
	case !ok:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

// run enters at Main and gives the exit status.
func (b *bench) run(args ...string) int {
	b.out.Reset()
	b.err.Reset()
	var out io.Writer = &b.out
	if b.writer != nil {
		out = b.writer
	}
	return command.Main(b.ctx, command.Deps{
		In: b.in, Out: out, Err: &b.err, Terminal: b.terminal,
		Getenv:   func(name string) string { return b.env[name] },
		ReadFile: b.readFile,
		OpenFile: func(name string) (io.ReadCloser, error) {
			if b.open != nil {
				return b.open(name)
			}
			data, err := b.readFile(name)
			return io.NopCloser(bytes.NewReader(data)), err
		},
		Progress: b.progress, Version: "1.2.3", New: b.newApp,
		Open: func(_ context.Context, s command.Settings) error { b.opened = &s; return nil },
		OpenLab: func(ctx context.Context, s command.Settings, begin func(context.Context, labinfo.Lab) error) error {
			shared := labtarget.NewLab(b.on(), func() time.Time { return instant })
			defer shared.Unshare()
			b.opened, b.begun, b.shared = &s, begin(ctx, shared), shared
			return b.begun
		},
		WriteNew: func(name, text string) error {
			if _, taken := b.files[name]; taken {
				return fs.ErrExist
			}
			b.written = map[string]string{name: text}
			return nil
		},
		WritePrivate: func(name string, text []byte, force bool) error {
			if _, taken := b.files[name]; taken && !force {
				return fs.ErrExist
			}
			if b.private == nil {
				b.private = map[string]string{}
			}
			b.private[name] = string(text)
			return nil
		},
	}, args)
}

// must runs and wants this exit status; it gives what went to standard output.
func (b *bench) must(t testing.TB, want int, args ...string) string {
	t.Helper()
	if got := b.run(args...); got != want {
		t.Fatalf("flowscope %s: exit %d, want %d\nout: %s\nerr: %s", strings.Join(args, " "), got, want, b.out.String(), b.err.String())
	}
	return b.out.String()
}
