package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"flowscope/engine/profile"
)

var (
	block   = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")
	cmdLine = regexp.MustCompile(`(?m)^flowscope (.*)$`)
)

// TestReadme runs every command line of the README, and reads its example of a
// configuration: what it promises, it keeps.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	ran, read := 0, 0
	for _, b := range block.FindAllStringSubmatch(string(text), -1) {
		switch b[1] {
		case "toml":
			read++
			c, err := profile.Parse([]byte(b[2]))
			if err != nil {
				t.Errorf("the example of a configuration: %v", err)
			}
			if _, err := c.Find("orders"); err != nil {
				t.Error(err)
			}
		case "sh":
			for _, m := range cmdLine.FindAllStringSubmatch(b[2], -1) {
				ran++
				want := 0
				if strings.Contains(m[1], "--fault") {
					want = 3
				}
				cmd := program(t, strings.Fields(m[1])...)
				cmd.Stdin = strings.NewReader("quit\n") // ends a lab that is served
				out, err := cmd.CombinedOutput()
				if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
					t.Errorf("flowscope %s: %v\n%s", m[1], err, out)
				}
			}
		}
	}
	if ran < 6 || read != 1 {
		t.Errorf("%d commands and %d configurations were found", ran, read)
	}
}

// TestReadmePicture holds the picture of the README to the screen as it is.
func TestReadmePicture(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("tui/testdata/redeem-120x36.golden")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), strings.TrimRight(string(golden), "\n")) {
		t.Error("the picture in README.md is not what the program shows: copy tui/testdata/redeem-120x36.golden")
	}
}
