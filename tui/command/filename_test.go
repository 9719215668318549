package command_test

import (
	"io"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"flowscope/validate/validatetest"
)

// A secret that is given where the name of a file, a command or a flag belongs is
// not repeated, whatever is wrong with it.
func TestSecretsInPlaceOfNames(t *testing.T) {
	refresh := "0.AXoArefreshREFRESHrefresh1234567890abcdefghijklmnopqrstuvwxyzABCDEFGH"
	secrets := map[string]string{
		"refresh token": refresh, "with slashes": refresh + "/x/" + refresh, "long": strings.Repeat(refresh, 6), "absolute": "/" + refresh,
		"pem": "-----BEGIN PRIVATE KEY-----\nMIIEvSECRETSECRET/x\n-----END PRIVATE KEY-----\n", "long pem": "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("MIIEvSECRETSECRET/x\n", 80),
		"jwk": `{"kty":"RSA","d":"PRIVATEd1234/"}`, "client secret": "abc8Q~SECRETsecretSECRETsecretSECRET12", "code": "0.AXoA" + strings.Repeat("CODEcode1234567890-_", 40),
		"base64": "c2VjcmV0LXNlY3JldC1z/+ZWNyZXQtc2VjcmV0=", "in a folder": "./" + refresh,
	}
	parts := []string{"refreshREFRESH", "MIIEvSECRET", "PRIVATEd1234", "SECRETsecret", "CODEcode", "c2VjcmV0"}
	forms := [][]string{
		{"token", "--offline", "?"}, {"token", "--offline", "--jwks", "?"}, {"token", "--offline", "--compare", "?"}, {"token", "--offline", "--access-token", "?"},
		{"token", "--offline", "--code-file=?"}, {"token", "--offline", "--batch", "?"}, {"token", "?", "more"}, {"token", "--at", "?"}, {"token", "--type", "?"}, {"token", "--?"}, {"token", "-?"},
		{"?"}, {"explain", "?", "more"}, {"run", "?"}, {"help", "?"}, {"--theme", "?"}, {"run", "on-behalf-of", "--given", "?"}, {"run", "--export", "?"},
	}
	for name, secret := range secrets {
		for _, form := range forms {
			b := newBench(t)
			b.in = strings.NewReader(validatetest.Sign(validatetest.Header(), validatetest.UserV2()))
			args := make([]string, len(form))
			for i, a := range form {
				args[i] = strings.Replace(a, "?", secret, 1)
			}
			b.run(args...)
			for _, part := range parts {
				if strings.Contains(b.err.String(), part) || strings.Contains(b.out.String(), part) {
					t.Errorf("%s in %q: %s", name, form, b.err.String())
				}
			}
		}
	}
}

// An ordinary name is repeated, so that the mistake can be seen.
func TestNamesInErrors(t *testing.T) {
	for _, name := range []string{"keys.json", "./tokens/2026-11-20T10-02-00.jwt", "/home/sam/Entra tokens/access.txt", "11111111-1111-1111-1111-111111111111.json"} {
		b := newBench(t)
		b.in = strings.NewReader(validatetest.Sign(validatetest.Header(), validatetest.UserV2()))
		if b.run("token", "--offline", "--jwks", name); !strings.Contains(b.err.String(), name) {
			t.Errorf("%q: %s", name, b.err.String())
		}
	}
}

// What a file system says of a file is told without the path that it repeats.
func TestBatchFileErrors(t *testing.T) {
	for _, cause := range []error{syscall.ENAMETOOLONG, fs.ErrPermission, syscall.EISDIR, syscall.EIO} {
		b := newBench(t)
		b.open = func(name string) (io.ReadCloser, error) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: cause}
		}
		name := "x/" + strings.Repeat("SECRETsecret12", 3)
		if status := b.run("token", "--offline", "--batch", name); status != 1 || strings.Contains(b.err.String(), "SECRET") {
			t.Errorf("%v: %d %s", cause, status, b.err.String())
		}
	}
}
