package qr

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLines holds the shape: square, with a quiet margin, and the three finder
// patterns in their corners (ISO/IEC 18004 section 6.3.3).
func TestLines(t *testing.T) {
	lines, err := Lines("https://login.lab.example/device", false)
	if err != nil {
		t.Fatal(err)
	}
	width := utf8.RuneCountInString(lines[0])
	for i, l := range lines {
		if utf8.RuneCountInString(l) != width {
			t.Errorf("line %d has %d cells, the first has %d", i, utf8.RuneCountInString(l), width)
		}
	}
	if len(lines) != (width+1)/2 {
		t.Errorf("%d lines for %d columns: the code is not square", len(lines), width)
	}
	if strings.Trim(lines[0], "█") != "" {
		t.Errorf("no quiet margin above: %q", lines[0])
	}
	const finder = "██ ▄▄▄▄▄ █"
	if !strings.HasPrefix(lines[2], "██ █   █ █") || !strings.HasPrefix(lines[1], finder) {
		t.Errorf("no finder pattern in the corner: %q %q", lines[1], lines[2])
	}
	dark, err := Lines("https://login.lab.example/device", true)
	if err != nil || dark[0] == lines[0] {
		t.Errorf("inverted is the same: %v", err)
	}
}

func TestLinesRefusesWhatIsTooLong(t *testing.T) {
	if _, err := Lines(strings.Repeat("x", MaxText+1), false); err == nil {
		t.Error("it was drawn")
	}
}
