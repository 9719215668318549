package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"flowscope/engine/inspect"
	"flowscope/validate"
)

// maxInput bounds what is read to find one token in, in bytes: more than any
// token may have, so that a larger one is reported and not cut.
const maxInput = 4 << 20

// minOpaque is the length from which a string handed in as a token is masked
// wherever it turns up; a shorter one could be an ordinary word.
const minOpaque = 12

const tokenLong = `Decodes one token and puts every check to it: is it genuine, for whom, for how
long, and may an API accept it? The token comes from standard input, so that it
does not stay in the history of the shell; a file or an argument will do too.

Keys are fetched from the issuer when it is one of Entra's, or the one stated
with --issuer. What is not stated, such as the audience, is not checked and the
report says so.`

const tokenExample = `  pbpaste | flowscope token --audience api://orders.contoso.example
  flowscope token < token.txt --type access --scope Orders.Read
  flowscope token --batch tokens.txt --jwks keys.json > reports.jsonl`

// tokenFlags are the flags of flowscope token.
type tokenFlags struct {
	jwks, issuer, caller, nonce, kind, now, skew, batch string
	audiences, tenants, scopes, roles, algorithms       []string
	offline                                             bool
}

func tokenCommand(c *call) *cobra.Command {
	var o tokenFlags
	cmd := &cobra.Command{
		Use:     "token [-|FILE|TOKEN]",
		Short:   "Decode and check a token",
		Long:    tokenLong,
		Example: tokenExample,
		Args:    atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := o.expectations(cmd)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("batch") {
				if len(args) > 0 {
					return usage(cmd, "--batch names the file, so there is no other token")
				}
				return c.batch(cmd.Context(), o, want)
			}
			return c.token(cmd, args, o, want)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&o.audiences, "audience", nil, "expected `AUDIENCE`; repeated ones are alternatives")
	f.StringVar(&o.issuer, "issuer", "", "expected `ISSUER`, which may hold {tenantid}; it may be asked for keys")
	f.StringArrayVar(&o.tenants, "tenant", nil, "expected `TENANT` id; repeated ones are alternatives")
	f.StringArrayVar(&o.scopes, "scope", nil, "`SCOPE` that scp must hold; all of them")
	f.StringArrayVar(&o.roles, "role", nil, "`ROLE` that roles must hold; all of them")
	f.StringVar(&o.caller, "caller", "", "`WHO` may come in: user or app")
	f.StringVar(&o.kind, "type", "", "`TYPE` of token that is wanted: access or id")
	f.StringVar(&o.nonce, "nonce", "", "`NONCE` of the authentication request")
	f.StringVar(&o.jwks, "jwks", "", "take the keys from a `FILE|URL` and ask no issuer")
	f.StringArrayVar(&o.algorithms, "alg", nil, "allowed `ALGORITHM` (default RS256 and what the issuer declares)")
	f.StringVar(&o.now, "now", "", "judge at this `TIME`: RFC 3339 or seconds since 1970")
	f.StringVar(&o.skew, "skew", "5m", "`TIME` by which clocks may differ, as 5m or in seconds")
	f.BoolVar(&o.offline, "offline", false, "ask nobody for keys")
	jsonFlag(cmd, c)
	f.StringVar(&o.batch, "batch", "", "one token on each line of `FILE` (- is standard input), one JSON report on each line out")
	return cmd
}

// algorithms that may be allowed (RFC 7518 section 3.1); none and HS never are.
var asymmetric = [...]string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}

// expectations reads the flags. Its errors are usage errors.
func (o *tokenFlags) expectations(cmd *cobra.Command) (validate.Expectations, error) {
	want := validate.Expectations{
		Issuer: o.issuer, Audiences: o.audiences, Tenants: o.tenants, Scopes: o.scopes, Roles: o.roles,
		Caller: o.caller, Nonce: o.nonce, Type: validate.Kind(o.kind), Algorithms: o.algorithms,
	}
	if err := oneOf(cmd, "caller", o.caller, validate.SubjectUser, validate.SubjectApp); err != nil {
		return want, err
	}
	if err := oneOf(cmd, "type", o.kind, string(validate.KindAccess), string(validate.KindID)); err != nil {
		return want, err
	}
	for _, alg := range o.algorithms {
		if !slices.Contains(asymmetric[:], alg) {
			return want, usage(cmd, "--alg %q can't be allowed: use %s", short(alg), strings.Join(asymmetric[:], ", "))
		}
	}
	if name := o.emptyFlag(cmd); name != "" {
		return want, usage(cmd, "--%s is empty", name)
	}
	var err error
	if want.Now, err = readTime(o.now); err != nil {
		return want, usage(cmd, "--now: %v", err)
	}
	if want.Skew, err = readSkew(o.skew); err != nil {
		return want, usage(cmd, "--skew: %v", err)
	}
	if o.offline && o.jwksURL() != "" {
		return want, usage(cmd, "--offline asks nobody, and --jwks names an address: choose one")
	}
	return want, checkKeyURL(cmd, o.jwksURL())
}

// emptyFlag gives the name of a flag that was given without anything in it: it
// would demand nothing, or be met by nothing. "" when there is none.
func (o *tokenFlags) emptyFlag(cmd *cobra.Command) string {
	for name, value := range map[string]string{
		"issuer": o.issuer, "nonce": o.nonce, "jwks": o.jwks, "now": o.now, "batch": o.batch, "caller": o.caller, "type": o.kind,
	} {
		if cmd.Flags().Changed(name) && isBlank(value) {
			return name
		}
	}
	for name, values := range map[string][]string{
		"audience": o.audiences, "tenant": o.tenants, "scope": o.scopes, "role": o.roles,
	} {
		if slices.ContainsFunc(values, isBlank) {
			return name
		}
	}
	return ""
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// jwksURL gives --jwks when it is an address.
func (o *tokenFlags) jwksURL() string {
	if strings.HasPrefix(o.jwks, "https://") || strings.HasPrefix(o.jwks, "http://") {
		return o.jwks
	}
	return ""
}

// checkKeyURL refuses keys over a connection that anybody could change.
func checkKeyURL(cmd *cobra.Command, raw string) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return usage(cmd, "--jwks: %q is no address", short(raw))
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usage(cmd, "--jwks: keys from another machine need https")
	}
	return nil
}

// lastSecond is the last second of the year 9999.
const lastSecond = 253402300799

func readTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 || n > lastSecond {
			return time.Time{}, fmt.Errorf("%q is beyond the years 1970 to 9999; it counts seconds", s)
		}
		return time.Unix(n, 0), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%q is neither RFC 3339, such as 2026-11-20T10:02:00Z, nor seconds since 1970", short(s))
	}
	if n := t.Unix(); n < 0 || n > lastSecond {
		return t, fmt.Errorf("%q is beyond the years 1970 to 9999", short(s))
	}
	return t, nil
}

// readSkew gives the duration as Expectations want it: negative for none.
func readSkew(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if n, numErr := strconv.ParseInt(s, 10, 32); numErr == nil {
		d, err = time.Duration(n)*time.Second, nil
	}
	switch {
	case err != nil || d < 0:
		return 0, fmt.Errorf("%q is neither a duration, such as 5m, nor a number of seconds", short(s))
	case d == 0:
		return -1, nil
	}
	return d, nil
}

// keys gives the source of keys that the flags ask for; nil when there is none.
func (c *call) keys(ctx context.Context, app *App, o tokenFlags) (validate.KeySource, error) {
	k := KeyOptions{Context: ctx, JWKSURL: o.jwksURL(), Issuer: o.issuer, Offline: o.offline}
	if o.jwks != "" && k.JWKSURL == "" {
		data, err := c.readFile(ctx, o.jwks)
		if err != nil {
			return nil, fmt.Errorf("--jwks: %w", err)
		}
		k.JWKS = data
	}
	keys, err := app.Keys(k)
	if err != nil && o.jwks != "" {
		err = fmt.Errorf("--jwks: %w", err)
	}
	return keys, err
}

func (c *call) readFile(ctx context.Context, name string) ([]byte, error) {
	data, err := await(ctx, func() ([]byte, error) { return c.d.ReadFile(name) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", name)
	case errors.Is(err, syscall.EISDIR):
		return nil, fmt.Errorf("%s is a directory", name)
	}
	return data, err
}

// token checks one token and prints the report.
func (c *call) token(cmd *cobra.Command, args []string, o tokenFlags, want validate.Expectations) error {
	raw, err := c.tokenText(cmd.Context(), args)
	if err != nil {
		return err
	}
	if raw = validate.Clean(raw); raw == "" {
		return usage(cmd, "%v: give a token on standard input, or name a file", errEmpty)
	}
	app, err := c.application()
	if err != nil {
		return err
	}
	keys, err := c.keys(cmd.Context(), app, o)
	if err != nil {
		return err
	}
	if want.Now.IsZero() {
		want.Now = app.Now()
	}
	if len(raw) >= minOpaque {
		c.redactor().Token(raw)
	}
	report := inspect.Check(cmd.Context(), raw, keys, want)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	if c.json {
		if err := c.printJSON(tokenDocument{1, reportOf(report)}); err != nil {
			return err
		}
	} else {
		p := newPage(c)
		p.report(report)
		p.flush()
	}
	return verdictStatus(report.Verdict).asError()
}

// tokenText reads the text with the token in it: from standard input, from the
// file that the argument names, or the argument itself.
func (c *call) tokenText(ctx context.Context, args []string) (string, error) {
	if len(args) == 0 || args[0] == "-" {
		if c.d.Terminal {
			c.say("Paste the token, then press ctrl+d.")
		}
		return c.readIn(ctx, maxInput)
	}
	arg := args[0]
	if looksLikeToken(arg) {
		return arg, nil
	}
	data, err := await(ctx, func() ([]byte, error) { return c.d.ReadFile(arg) })
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil && len(data) > maxInput:
		return "", fmt.Errorf("%s holds more than %d MiB; for many tokens there is --batch", arg, maxInput>>20)
	case err == nil:
		return string(data), nil
	case errors.Is(err, syscall.EISDIR):
		return "", fmt.Errorf("%s is a directory; name a file", arg)
	case errors.Is(err, fs.ErrNotExist) && looksLikePath(arg):
		return "", fmt.Errorf("there is no file %s", arg)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, fs.ErrInvalid), errors.Is(err, syscall.EINVAL):
		if len(arg) <= 255 && !strings.HasPrefix(arg, "ey") {
			c.say("There is no file of that name, so it is read as a token.")
		}
		return arg, nil
	}
	return "", err
}

// looksLikeToken recognises what is certainly no file name: no file system
// takes a name of more than 255 bytes.
func looksLikeToken(s string) bool {
	return strings.HasPrefix(s, "eyJ") && strings.Count(s, ".") >= 2 && len(s) > 64 || len(s) > 4096
}

// looksLikePath recognises a file name by its beginning or its ending.
func looksLikePath(s string) bool {
	if filepath.IsAbs(s) || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "~") {
		return true
	}
	switch strings.ToLower(filepath.Ext(s)) {
	case ".txt", ".jwt", ".token", ".json", ".log", ".har":
		return len(s) <= 255
	}
	return false
}
