package dark

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestTypingAndBursts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reads []string
		typed string
		text  string
	}{
		{"a key", []string{"y"}, "y", ""},
		{"enter", []string{"\r"}, "\r", ""},
		{"a few quick keys", []string{"yny"}, "yny", ""},
		{"an arrow and enter", []string{"\x1b[B\r"}, "\x1b[B\r", ""},
		{"escape", []string{"\x1b"}, "\x1b", ""},
		{"ctrl+c among text", []string{"hello\x03\r"}, "hello\x03\r", ""},
		{"two words and a newline", []string{"hello foo\rhello bar\r"}, "", "hello foo\rhello bar\r"},
		{"short lines", []string{"ab\rcd\r"}, "", "ab\rcd\r"},
		{"newlines alone", []string{"\r\r\r\r"}, "", "\r\r\r\r"},
		{"a paste in two reads", []string{"some words", "\r"}, "", "some words\r"},
		{"escape sequences in text", []string{"abc\x1b[31m\rdef\r"}, "", "abc\rdef\r"},
		{"a bracketed paste", []string{pasteStart + "a\nb\nc" + pasteEnd}, pasteStart + "a\nb\nc" + pasteEnd, ""},
		{"a bracketed paste in three reads", []string{pasteStart + "some text\n", "more text\n\n", "end" + pasteEnd}, pasteStart + "some text\nmore text\n\nend" + pasteEnd, ""},
		{"an end mark inside a paste", []string{pasteStart + "abc" + pasteEnd + "\n\n\naaa" + pasteEnd}, pasteStart + "abc" + pasteEnd, ""},
		{"ctrl+c right behind a paste", []string{pasteStart + "abc" + pasteEnd + "\x03"}, pasteStart + "abc" + pasteEnd + "\x03", ""},
		{"ctrl+c behind a paste in two reads", []string{pasteStart + "abc", "de" + pasteEnd + "\x03"}, pasteStart + "abcde" + pasteEnd + "\x03", ""},
		{"ctrl+c inside a paste", []string{pasteStart + "abc" + pasteEnd + "\x03\r" + pasteEnd}, pasteStart + "abc" + pasteEnd, ""},
		{"a key after a paste", []string{pasteStart + "abc" + pasteEnd, "q"}, pasteStart + "abc" + pasteEnd + "q", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bursts
			var typed, text []byte
			now := time.Unix(0, 0)
			for _, r := range tt.reads {
				now = now.Add(time.Millisecond)
				k, p := b.split([]byte(r), now)
				typed, text = append(typed, k...), append(text, p...)
			}
			if string(typed) != tt.typed || string(text) != tt.text {
				t.Errorf("typed %q, pasted %q; want %q, %q", typed, text, tt.typed, tt.text)
			}
		})
	}
}

func TestAKeyAfterABurst(t *testing.T) {
	var b bursts
	now := time.Unix(0, 0)
	b.split([]byte("pasted text\r"), now)
	if typed, text := b.split([]byte("\r"), now.Add(time.Second)); string(typed) != "\r" || len(text) > 0 {
		t.Errorf("typed %q, pasted %q", typed, text)
	}
}

func FuzzBursts(f *testing.F) {
	f.Add("hello\r", pasteStart+"x", "\r"+pasteEnd+"\r")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var s bursts
		for _, part := range []string{a, b, c} {
			typed, text := s.split([]byte(part), time.Unix(0, 0))
			if len(typed) > 0 && len(text) > 0 {
				t.Fatalf("%q is both typed %q and pasted %q", part, typed, text)
			}
			if bytes.ContainsAny(text, "\x1b\x03") {
				t.Fatalf("an escape is left in %q", text)
			}
			if strings.Contains(part, "\x03") && len(text) > 0 {
				t.Fatalf("ctrl+c was taken for text in %q", part)
			}
		}
	})
}
