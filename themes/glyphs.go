package themes

import "github.com/charmbracelet/x/ansi"

// Glyphs is a set of signs. In the Unicode set each is one cell wide. In the
// ASCII set some are wider, such as "[ok]": lay columns out with StatusWidth
// and RadioWidth, or measure.
type Glyphs struct {
	// Status of a check, a step or a row.
	Pass, Fail, Warn, NotRun string
	Held, Planned            string

	Pointer           string // the selected row
	RadioOn, RadioOff string
	Bullet            string
	Dot               string // between the parts of a line
	Crumb             string // between breadcrumbs
	Ellipsis          string // text was cut here
	Up, Down          string // keys, and more rows above or below
	Caret             string // points up at the character that differs
	TabUnderline      string // under the active tab, and the filled part of a bar
	Mask              string // one cell of a masked secret
	Arrow             string // from one thing to the next in a sentence: client, then flow

	BadgeLab, BadgeLive string

	// Box.
	TopLeft, TopRight, BottomLeft, BottomRight string
	Horizontal, Vertical                       string

	// Ladder.
	FrontLine, BackLine   string // one cell of an arrow's shaft
	DashedLine            string // the same, planned and not sent yet
	LifeLine              string
	Node                  string // the browser sees this one
	ArrowRight, ArrowLeft string

	// Spinner holds the frames of the sign that something is under way, each
	// as wide as the others.
	Spinner []string
}

// Unicode returns the set for terminals that show more than ASCII. A terminal
// set to draw characters of ambiguous width (Unicode Annex 11) in two cells,
// as some do in East Asia, needs the ASCII set.
func Unicode() Glyphs {
	return Glyphs{
		Pass: "✓", Fail: "✗", Warn: "!", NotRun: "–",
		Held: "▶", Planned: "·",
		Pointer: "▸", RadioOn: "●", RadioOff: "○",
		Bullet: "•", Dot: "·", Crumb: "›", Ellipsis: "…",
		Up: "↑", Down: "↓", Caret: "▲",
		TabUnderline: "━", Mask: "▒", Arrow: "→",
		BadgeLab: "◉", BadgeLive: "●",
		TopLeft: "╭", TopRight: "╮", BottomLeft: "╰", BottomRight: "╯",
		Horizontal: "─", Vertical: "│",
		FrontLine: "═", BackLine: "─", DashedLine: "╌", LifeLine: "│",
		Node: "●", ArrowRight: "▶", ArrowLeft: "◀",
		Spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
	}
}

// ASCII returns the twin of Unicode, glyph for glyph.
func ASCII() Glyphs {
	return Glyphs{
		Pass: "[ok]", Fail: "[x]", Warn: "!", NotRun: "-",
		Held: ">", Planned: ".",
		Pointer: ">", RadioOn: "(*)", RadioOff: "( )",
		Bullet: "*", Dot: "-", Crumb: ">", Ellipsis: "...",
		Up: "^", Down: "v", Caret: "^",
		TabUnderline: "=", Mask: "*", Arrow: "->",
		BadgeLab: "(o)", BadgeLive: "*",
		TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
		Horizontal: "-", Vertical: "|",
		FrontLine: "=", BackLine: "-", DashedLine: ".", LifeLine: "|",
		Node: "o", ArrowRight: ">", ArrowLeft: "<",
		Spinner: []string{"|", "/", "-", "\\"},
	}
}

// StatusWidth returns the cells that a column of status glyphs needs.
func (g Glyphs) StatusWidth() int {
	return widest(g.Pass, g.Fail, g.Warn, g.NotRun, g.Held, g.Planned)
}

// RadioWidth returns the cells that a radio button needs, on or off.
func (g Glyphs) RadioWidth() int { return widest(g.RadioOn, g.RadioOff) }

func widest(glyphs ...string) int {
	w := 0
	for _, s := range glyphs {
		w = max(w, ansi.StringWidth(s))
	}
	return w
}
