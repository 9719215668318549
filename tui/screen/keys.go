package screen

import "github.com/charmbracelet/bubbles/key"

// Bind makes a binding whose help names the first of its keys, unless label
// gives the keys another name.
func Bind(label, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(label, does))
}

// Keys that mean the same on every screen (DESIGN: keys mean the same
// everywhere). Each call gives a fresh binding, since a binding can be disabled.
func Enter(does string) key.Binding { return Bind("enter", does, "enter") }
func Edit() key.Binding             { return Bind("e", "edit", "e") }
func Break() key.Binding            { return Bind("b", "break it", "b") }
func Fix() key.Binding              { return Bind("f", "try the fix", "f") }
func All() key.Binding              { return Bind("a", "send all", "a") }
func Restart() key.Binding          { return Bind("r", "restart", "r") }
func Copy(what string) key.Binding  { return Bind("y", "copy "+what, "y") }
func Record() key.Binding           { return Bind("w", "write it down", "w") }
func Expect() key.Binding           { return Bind("o", "expectations", "o") }
func Raw() key.Binding              { return Bind("v", "raw", "v") }
func Tokens() key.Binding           { return Bind("t", "tokens", "t") }
func Search() key.Binding           { return Bind("/", "search", "/") }
func NextPane() key.Binding         { return Bind("tab", "pane", "tab") }
func Move(does string) key.Binding  { return Bind("↑↓", does, "up", "down", "k", "j") }
func Sides(does string) key.Binding { return Bind("←→", does, "left", "right", "h", "l") }
func Up() key.Binding               { return Bind("↑", "up", "up", "k") }
func Down() key.Binding             { return Bind("↓", "down", "down", "j") }
func Left() key.Binding             { return Bind("←", "left", "left", "h") }
func Right() key.Binding            { return Bind("→", "right", "right", "l") }
func PageUp() key.Binding           { return Bind("pgup", "page up", "pgup", "ctrl+b") }
func PageDown() key.Binding         { return Bind("pgdn", "page down", "pgdown", "ctrl+f") }

// When gives the binding enabled or not.
func When(b key.Binding, on bool) key.Binding {
	b.SetEnabled(on)
	return b
}
