package token

import (
	"os"
	"testing"

	"github.com/muesli/termenv"

	"flowscope/themes"
	"flowscope/tui/screen"
	"flowscope/engine/inspect"
	"flowscope/validate"
)

func TestShot(t *testing.T) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		t.Skip()
	}
	valid := report(t, sign(t, claimSet(nil)), expectations())
	bad := report(t, sign(t, claimSet(map[string]any{"aud": "api://inventory"})), expectations())
	id := report(t, sign(t, claimSet(map[string]any{"aud": webID, "azp": nil, "azpacr": nil, "scp": nil, "nonce": "n-1"})), validate.Expectations{Issuer: issuer, Audiences: []string{webID}, Type: validate.KindID, Nonce: "n-1"})
	ref := report(t, "1.AXQAERERESIiM0OERFVVVVVVVQAAAAAAAAAAwAAAAAAAAAB0AAA.AgABAwEAAAD-", validate.Expectations{})
	for _, dark := range []bool{true, false} {
		for _, size := range [][2]int{{80, 22}, {120, 34}, {200, 58}} {
			out := func(name string, keys ...string) {
				sh := painted(themes.Unicode(), nil, termenv.TrueColor, "flowscope", dark)
				open := screen.OpenTokenMsg{From: "from this run"}
				switch name {
				case "valid":
					open.Tokens = []*inspect.Report{valid}
				case "empty":
				default:
					open.Tokens = []*inspect.Report{bad, id, ref}
				}
				s := New(sh, deps(), open)
				s.Resize(size[0], size[1])
				s.View()
				press(t, s, keys...)
				v := draw(t, s, size[0], size[1])
				shade := "dark"
				if !dark {
					shade = "light"
				}
				f := dir + "/" + name + "-" + shade + "-" + itoa(size[0]) + ".ansi"
				if err := os.WriteFile(f, []byte(v), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			out("valid")
			out("invalid")
			out("invalidclaims", "tab", "down", "down", "enter")
			out("raw", "v")
			out("form", "o")
			out("refresh", "right", "right")
			out("empty")
		}
	}
}

func itoa(n int) string { return map[int]string{80: "80", 120: "120", 200: "200"}[n] }
