package themes_test

import (
	"go/build"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"flowscope/themes"
)

func renderer(p termenv.Profile) *lipgloss.Renderer {
	r := lipgloss.NewRenderer(io.Discard, termenv.WithProfile(p))
	r.SetColorProfile(p)
	r.SetHasDarkBackground(true)
	return r
}

// each calls f with every lipgloss.Style of s by its field name.
func each(s *themes.Styles, f func(name string, st lipgloss.Style)) int {
	n := 0
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if st, ok := v.Field(i).Interface().(lipgloss.Style); ok {
			f(v.Type().Field(i).Name, st)
			n++
		}
	}
	return n
}

func TestFind(t *testing.T) {
	for in, want := range map[string]string{"": "flowscope", "flowscope": "flowscope", " Mono ": "mono"} {
		got, err := themes.Find(in)
		if err != nil || got.Name != want {
			t.Errorf("Find(%q) = %q, %v; want %q", in, got.Name, err, want)
		}
	}
	_, err := themes.Find("neon")
	if err == nil || !strings.Contains(err.Error(), "flowscope, mono") {
		t.Errorf("Find(neon): %v; want an error that lists the names", err)
	}
	if first := themes.Builtin()[0].Name; first != themes.Default {
		t.Errorf("the first theme is %q, want the default", first)
	}
	changed := themes.Builtin()
	changed[0].Dark.Text = "#000000"
	if themes.Builtin()[0].Dark.Text == "#000000" {
		t.Error("writing into the list changed the next one")
	}
}

// Without colours every style must render its text and nothing else, on all
// themes: lipgloss drops bold and reverse too.
func TestNoColour(t *testing.T) {
	const text = "held · 5 of 8"
	for _, theme := range themes.Builtin() {
		for _, dark := range []bool{true, false} {
			s := themes.NewStyles(renderer(termenv.Ascii), theme, dark)
			n := each(s, func(name string, st lipgloss.Style) {
				for what, st := range map[string]lipgloss.Style{
					name: st, name + " on selection": s.OnSelection(st),
					name + " on bar": s.OnBar(st), name + " on surface": s.OnSurface(st),
				} {
					if got := st.Render(text); got != text {
						t.Errorf("%s: %s renders %q", theme.Name, what, got)
					}
				}
			})
			if n < 30 {
				t.Errorf("only %d styles were looked at", n)
			}
		}
	}
}

// No style may change the width of what it is put on, nor be left unset.
func TestStylesAreComplete(t *testing.T) {
	const text = "code_verifier"
	for _, theme := range themes.Builtin() {
		for _, dark := range []bool{true, false} {
			s := themes.NewStyles(renderer(termenv.TrueColor), theme, dark)
			mono := s.Palette == (themes.Palette{})
			unstyled := map[string]bool{}
			each(s, func(name string, st lipgloss.Style) {
				got := st.Render(text)
				if ansi.Strip(got) != text {
					t.Errorf("%s: %s changes the text to %q", theme.Name, name, got)
				}
				if got == text {
					unstyled[name] = true
				}
			})
			for name := range unstyled {
				if !mono {
					t.Errorf("%s, dark %v: %s has no style", theme.Name, dark, name)
				}
			}
			if s.Name != theme.Name || s.Dark != dark || s.Palette != theme.Palette(dark) {
				t.Errorf("%s: the styles do not say what they were made from", theme.Name)
			}
		}
	}
}

// Mono must not send one colour code; what has to stand out still does.
func TestMono(t *testing.T) {
	theme, err := themes.Find("mono")
	if err != nil {
		t.Fatal(err)
	}
	s := themes.NewStyles(renderer(termenv.TrueColor), theme, true)
	each(s, func(name string, st lipgloss.Style) {
		for _, st := range []lipgloss.Style{st, s.OnSelection(st), s.OnBar(st)} {
			if got := st.Render("x"); strings.Contains(got, "38;") || strings.Contains(got, "48;") {
				t.Errorf("%s sends a colour: %q", name, got)
			}
		}
	})
	for name, c := range map[string]struct {
		st   lipgloss.Style
		code string
	}{
		"Bright": {s.Bright, "1"}, "Muted": {s.Muted, "2"}, "Fail": {s.Fail, "1"},
		"Selection": {s.Selection, "1;7"}, "Bar": {s.Bar, "7"}, "TabActive": {s.TabActive, "1;4;4"},
		"Muted on selection": {s.OnSelection(s.Muted), "7"},
	} {
		if got, want := c.st.Render("x"), "\x1b["+c.code+"m"; !strings.HasPrefix(got, want) {
			t.Errorf("%s renders %q, want it to begin with %q", name, got, want)
		}
	}
	pairs := [][2]lipgloss.Style{
		{s.Selection, s.Text}, {s.TabActive, s.Tab}, {s.PaneTitle, s.PaneTitleFocused},
		{s.Input, s.InputFocused}, {s.Badge, s.BadgeLive}, {s.VerdictInvalid, s.VerdictValid},
	}
	for i, p := range pairs {
		if p[0].Render("x") == p[1].Render("x") {
			t.Errorf("pair %d looks the same: %q", i, p[0].Render("x"))
		}
	}
}

// A coloured piece keeps its colour and takes the row's background.
func TestOn(t *testing.T) {
	s := themes.NewStyles(renderer(termenv.TrueColor), themes.Builtin()[0], true)
	got := s.OnSelection(s.Fail).Render("x")
	plain := renderer(termenv.TrueColor).NewStyle()
	for _, part := range []string{s.Fail.Render("x"), s.OnSelection(plain).Render("x")} {
		code := strings.TrimSuffix(strings.TrimPrefix(part, "\x1b["), "mx\x1b[0m")
		if !strings.Contains(got, code) || !strings.Contains(code, ";") {
			t.Errorf("fail on selection renders %q, want %q in it", got, code)
		}
	}
	if got, want := s.OnBar(s.Back).Render("x"), s.Badge.Render("x"); got != want {
		t.Errorf("back on the bar renders %q, the badge %q", got, want)
	}
}

// Two terminals at once: the styles of one must not follow the other.
func TestStylesBelongToARenderer(t *testing.T) {
	plain := themes.NewStyles(renderer(termenv.Ascii), themes.Builtin()[0], true)
	full := themes.NewStyles(renderer(termenv.TrueColor), themes.Builtin()[0], true)
	if got := plain.Fail.Render("x"); got != "x" {
		t.Errorf("the plain terminal gets %q", got)
	}
	if got := full.Fail.Render("x"); got == "x" {
		t.Error("the colour terminal gets no colour")
	}
}

func TestGlyphs(t *testing.T) {
	u, a := reflect.ValueOf(themes.Unicode()), reflect.ValueOf(themes.ASCII())
	for i := range u.NumField() {
		name := u.Type().Field(i).Name
		uni, isText := u.Field(i).Interface().(string)
		if !isText {
			continue
		}
		asc := a.Field(i).String()
		if w := ansi.StringWidth(uni); w != 1 || lipgloss.Width(uni) != 1 {
			t.Errorf("%s: %q is %d cells wide, want 1", name, uni, w)
		}
		checkASCII(t, name, asc)
	}
	for name, frames := range map[string][]string{"Unicode": themes.Unicode().Spinner, "ASCII": themes.ASCII().Spinner} {
		if len(frames) < 2 {
			t.Errorf("%s: %d spinner frames do not move", name, len(frames))
		}
		for _, f := range frames {
			if ansi.StringWidth(f) != 1 {
				t.Errorf("%s: spinner frame %q is not one cell wide", name, f)
			}
			if name == "ASCII" {
				checkASCII(t, "spinner frame", f)
			}
		}
	}
}

func checkASCII(t *testing.T, name, s string) {
	t.Helper()
	if s == "" {
		t.Errorf("%s has no ASCII twin", name)
	}
	for _, c := range []byte(s) {
		if c < 0x20 || c > 0x7e {
			t.Errorf("%s: %q is not printable ASCII", name, s)
		}
	}
}

// What a reader must tell apart without colour differs in both sets.
func TestGlyphsDiffer(t *testing.T) {
	for name, g := range map[string]themes.Glyphs{"Unicode": themes.Unicode(), "ASCII": themes.ASCII()} {
		for _, group := range [][]string{
			{g.Pass, g.Fail, g.Warn, g.NotRun, g.Held, g.Planned},
			{g.RadioOn, g.RadioOff},
			{g.FrontLine, g.BackLine, g.DashedLine},
			{g.ArrowRight, g.ArrowLeft, g.Node},
			{g.BadgeLab, g.BadgeLive},
			{g.Up, g.Down},
		} {
			seen := map[string]bool{}
			for _, glyph := range group {
				if seen[glyph] {
					t.Errorf("%s: %q stands for two things in %q", name, glyph, group)
				}
				seen[glyph] = true
			}
		}
	}
	if u, a := themes.Unicode(), themes.ASCII(); u.StatusWidth() != 1 || a.StatusWidth() != 4 ||
		u.RadioWidth() != 1 || a.RadioWidth() != 3 {
		t.Errorf("status widths %d and %d, radio widths %d and %d; want 1, 4, 1, 3",
			u.StatusWidth(), a.StatusWidth(), u.RadioWidth(), a.RadioWidth())
	}
}

func TestImports(t *testing.T) {
	pkg, err := build.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pkg.Imports {
		first, _, _ := strings.Cut(path, "/")
		allowed := path == "github.com/charmbracelet/lipgloss" || path == "github.com/charmbracelet/x/ansi"
		if (strings.Contains(first, ".") || first == "flowscope") && !allowed {
			t.Errorf("themes imports %s: it is a table of colours and signs below all screens, "+
				"and needs Lip Gloss and the width of a glyph only", path)
		}
	}
}

func BenchmarkNewStyles(b *testing.B) {
	r, theme := renderer(termenv.TrueColor), themes.Builtin()[0]
	for b.Loop() {
		themes.NewStyles(r, theme, true)
	}
}
