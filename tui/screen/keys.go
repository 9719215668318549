package screen

import "github.com/charmbracelet/bubbles/key"

// Bind makes a binding whose help names the first of its keys, unless label
// gives the keys another name.
func Bind(label, does string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(label, does))
}

// Enter goes on; what that does differs.
func Enter(does string) key.Binding { return Bind("enter", does, "enter") }

// Edit opens the held request as a form.
func Edit() key.Binding { return Bind("e", "edit", "e") }

// Break opens the list of faults.
func Break() key.Binding { return Bind("b", "break it", "b") }

// Fix tries the fix of the diagnosis.
func Fix() key.Binding { return Bind("f", "try the fix", "f") }

// All sends everything from here on.
func All() key.Binding { return Bind("a", "send all", "a") }

// Restart runs again from the first step.
func Restart() key.Binding { return Bind("r", "restart", "r") }

// Copy puts what is shown on the clipboard.
func Copy(what string) key.Binding { return Bind("y", "copy "+what, "y") }

// Record writes the decision record.
func Record() key.Binding { return Bind("w", "write it down", "w") }

// Expect opens the expectations of a token.
func Expect() key.Binding { return Bind("o", "expectations", "o") }

// Raw shows the raw segments of a token.
func Raw() key.Binding { return Bind("v", "raw", "v") }

// Tokens opens the tokens of a run.
func Tokens() key.Binding { return Bind("t", "tokens", "t") }

// Search looks for something.
func Search() key.Binding { return Bind("/", "search", "/") }

// NextPane moves the focus.
func NextPane() key.Binding { return Bind("tab", "pane", "tab") }

// Move goes up and down.
func Move(does string) key.Binding { return Bind("↑↓", does, "up", "down", "k", "j") }

// Sides goes left and right.
func Sides(does string) key.Binding { return Bind("←→", does, "left", "right", "h", "l") }

// Up goes one up.
func Up() key.Binding { return Bind("↑", "up", "up", "k") }

// Down goes one down.
func Down() key.Binding { return Bind("↓", "down", "down", "j") }

// Left goes one to the left.
func Left() key.Binding { return Bind("←", "left", "left", "h") }

// Right goes one to the right.
func Right() key.Binding { return Bind("→", "right", "right", "l") }

// PageUp scrolls up by a page.
func PageUp() key.Binding { return Bind("pgup", "page up", "pgup", "ctrl+b") }

// PageDown scrolls down by a page.
func PageDown() key.Binding { return Bind("pgdn", "page down", "pgdown", "ctrl+f") }

// When gives the binding enabled or not.
func When(b key.Binding, on bool) key.Binding {
	b.SetEnabled(on)
	return b
}
