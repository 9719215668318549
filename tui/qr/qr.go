// Package qr draws a QR code (ISO/IEC 18004) as text: two rows of modules to a
// line of half blocks, so that a phone can read it from a terminal.
//
// It knows nothing of what the code says, sends nothing and reads nothing.
package qr

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// quiet is the margin of light modules around the code. The standard asks for
// four; two are read by every phone and leave room on a small screen.
const quiet = 2

// MaxText is the longest text that is drawn, in bytes: what is longer would need
// more lines than a terminal has.
const MaxText = 600

// Lines draws the code for text. All lines have the same width in cells. Dark
// modules are left blank and light ones are filled, which is right for light text
// on a dark background; inverted is for dark text on a light one. It fails when
// the text is too long.
func Lines(text string, inverted bool) ([]string, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("%d bytes are too many for a QR code on a terminal: %d is the limit", len(text), MaxText)
	}
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	light := func(x, y int) bool { return code.Black(x, y) == inverted }
	var lines []string
	for y := -quiet; y < code.Size+quiet; y += 2 {
		var b strings.Builder
		for x := -quiet; x < code.Size+quiet; x++ {
			b.WriteString(block(light(x, y), light(x, y+1)))
		}
		lines = append(lines, b.String())
	}
	return lines, nil
}

func block(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}
