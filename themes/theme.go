// Package themes turns semantic roles into styles: what a thing means on the
// screen, never which colour it has, is what the screens ask for.
//
// A theme is a table of roles, once for dark and once for light terminals. A
// new theme is a new table and nothing else. Glyphs come in a Unicode and an
// ASCII set, each glyph with its twin, since every meaning must survive
// without colour.
//
// It refuses to hold styles in package variables, because a style belongs to
// the renderer of one terminal; it never asks the terminal anything; and it
// never paints the terminal's own background.
package themes

import (
	"fmt"
	"strings"
)

// Palette maps the roles to colours. A colour is "#rrggbb", the number of one
// of the terminal's own colours ("0" to "255"), or empty for no colour. The
// zero Palette has no colour at all: its styles tell roles apart by bold,
// faint, underline and reverse.
type Palette struct {
	// Paper is the background that the palette was tuned for. It is never
	// painted: previews and the contrast tests use it.
	Paper string

	Text   string // running text
	Bright string // the value that the user came for
	Muted  string // labels, explanations, what is ruled out
	Border string // frames and life lines; the only role below 4.5:1
	Accent string // the one accent: focus, keys, active tab

	Front string // front channel: through the browser
	Back  string // back channel: server to server
	Held  string // an exchange that waits at the gate

	Pass   string // a check that holds
	Warn   string // a check that deserves a look
	Fail   string // a check that does not hold
	Secret string // a masked value

	SelectionBackground string // the selected row
	BarBackground       string // header and footer
	SurfaceBackground   string // dialogs and input fields
}

// Theme is a named pair of palettes.
type Theme struct {
	Name        string
	Dark, Light Palette
}

// Palette returns the dark or the light half.
func (t Theme) Palette(dark bool) Palette {
	if dark {
		return t.Dark
	}
	return t.Light
}

// Default is the name of the theme that is used when nobody chose one.
const Default = "flowscope"

// Builtin returns the themes that come with the program, the default first.
// The slice is the caller's own.
func Builtin() []Theme {
	return []Theme{flowscope(), {Name: "mono"}}
}

// Find returns the built-in theme of this name, in any letter case. An empty
// name means the default. The error lists the names.
func Find(name string) (Theme, error) {
	want := strings.ToLower(strings.TrimSpace(name))
	if want == "" {
		want = Default
	}
	themes := Builtin()
	names := make([]string, len(themes))
	for i, t := range themes {
		if t.Name == want {
			return t, nil
		}
		names[i] = t.Name
	}
	return Theme{}, fmt.Errorf("unknown theme %q: use one of %s", name, strings.Join(names, ", "))
}

// flowscope is the default: calm, one blue accent, orange for what the browser
// sees and teal for what it does not. The light half keeps the hues on
// near-white paper and takes them down to the same contrast.
func flowscope() Theme {
	return Theme{
		Name: Default,
		Dark: Palette{
			Paper:               "#16161e",
			Text:                "#d5d8e2",
			Bright:              "#ffffff",
			Muted:               "#8d93a8",
			Border:              "#474d61",
			Accent:              "#8ab4ff",
			Front:               "#f5a97f",
			Back:                "#6bd6c4",
			Held:                "#c9a6ff",
			Pass:                "#8fd694",
			Warn:                "#f2cf66",
			Fail:                "#ff7a90",
			Secret:              "#9a8fa6",
			SelectionBackground: "#262b3d",
			BarBackground:       "#1d2130",
			SurfaceBackground:   "#1a1b26",
		},
		Light: Palette{
			Paper:               "#fafafa",
			Text:                "#2b3044",
			Bright:              "#0b0e1a",
			Muted:               "#5a6178",
			Border:              "#b3b9c9",
			Accent:              "#1f55c4",
			Front:               "#a1480f",
			Back:                "#00695f",
			Held:                "#7038c0",
			Pass:                "#1f6b2c",
			Warn:                "#7a5600",
			Fail:                "#bb1f3d",
			Secret:              "#6c5a75",
			SelectionBackground: "#dfe6f7",
			BarBackground:       "#eceef4",
			SurfaceBackground:   "#f3f4f8",
		},
	}
}
