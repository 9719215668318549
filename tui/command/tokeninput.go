package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"flowscope/validate"
)

// maxInput bounds what is read to find tokens in, in bytes: more than any
// token may have, so that a larger one is reported and not cut.
const maxInput = 4 << 20

// keys gives the source of keys that the flags ask for; nil when there is none.
func (c *call) keys(ctx context.Context, app *App, o tokenFlags) (validate.KeySource, error) {
	k, err := c.keyOptions(ctx, o)
	if err != nil {
		return nil, err
	}
	keys, err := app.Keys(k)
	if err != nil && o.jwks != "" {
		err = fmt.Errorf("--jwks: %w", err)
	}
	return keys, err
}

func (c *call) readFile(ctx context.Context, name string) ([]byte, error) {
	data, err := await(ctx, func() ([]byte, error) { return c.d.ReadFile(name) })
	if err != nil && ctx.Err() == nil {
		err = fileError(name, err)
	}
	return data, err
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
		return "", fmt.Errorf("%s holds more than %d MiB; for many tokens there is --batch", fileName(arg), maxInput>>20)
	case err == nil:
		return string(data), nil
	case errors.Is(err, fs.ErrNotExist) && looksLikePath(arg):
		return "", noFile(arg)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, fs.ErrInvalid), errors.Is(err, syscall.EINVAL):
		if len(arg) <= 255 && !strings.HasPrefix(arg, "ey") {
			c.say("There is no file of that name, so it is read as a token.")
		}
		return arg, nil
	}
	return "", fileError(arg, err)
}

// looksLikeToken recognises what is certainly no file name: no file system
// takes a name of more than 255 bytes.
func looksLikeToken(s string) bool {
	return strings.HasPrefix(s, "eyJ") && strings.Count(s, ".") >= 2 && len(s) > 64 || len(s) > 4096
}

// looksLikePath recognises a file name by its beginning or its ending.
func looksLikePath(s string) bool {
	if filepath.IsAbs(s) || strings.HasPrefix(s, ".") || strings.HasPrefix(s, "~/") {
		return true
	}
	switch strings.ToLower(filepath.Ext(s)) {
	case ".txt", ".jwt", ".token", ".json", ".log", ".har":
		return len(s) <= 255
	}
	return false
}

// keyOptions says where the keys come from that the flags ask for.
func (c *call) keyOptions(ctx context.Context, o tokenFlags) (KeyOptions, error) {
	k := KeyOptions{Context: ctx, JWKSURL: o.jwksURL(), Issuer: o.issuer, Offline: o.offline}
	if o.jwks == "" || k.JWKSURL != "" {
		return k, nil
	}
	data, err := c.readFile(ctx, o.jwks)
	if err != nil {
		return k, fmt.Errorf("--jwks: %w", err)
	}
	k.JWKS = data
	return k, nil
}

// secretFile reads what stands alone in a file that a flag names.
func (c *call) secretFile(ctx context.Context, flag, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	data, err := c.readFile(ctx, name)
	if err != nil {
		return "", fmt.Errorf("--%s: %w", flag, err)
	}
	if len(data) > maxInput {
		return "", fmt.Errorf("--%s: the file holds more than %d MiB", flag, maxInput>>20)
	}
	return strings.TrimSpace(string(data)), nil
}
