package har

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"flowscope/engine/trace"
)

// words splits a command as a POSIX shell does (IEEE Std 1003.1, 2.2 quoting),
// with variables left as they stand. It gives false when the shell would do more
// with it than run one command with these words.
func words(command string) ([]string, bool) {
	var out []string
	var word strings.Builder
	open := false
	for i := 0; i < len(command); i++ {
		switch c := command[i]; {
		case c == '\'':
			end := strings.IndexByte(command[i+1:], '\'')
			if end < 0 {
				return nil, false
			}
			word.WriteString(command[i+1 : i+1+end])
			i, open = i+1+end, true
		case c == '"':
			for i++; i < len(command) && command[i] != '"'; i++ {
				switch {
				case command[i] == '`', command[i] == '$' && strings.HasPrefix(command[i:], "$("):
					return nil, false
				case command[i] == '\\' && i+1 < len(command) && strings.ContainsRune("$`\"\\", rune(command[i+1])):
					i++
				}
				word.WriteByte(command[i])
			}
			if i >= len(command) {
				return nil, false
			}
			open = true
		case c == '\\':
			i++
			switch {
			case i >= len(command):
				return nil, false
			case command[i] != '\n':
				word.WriteByte(command[i])
				open = true
			}
		case c == ' ' || c == '\t':
			if open {
				out = append(out, word.String())
				word.Reset()
				open = false
			}
		case strings.IndexByte("\n;&|<>()`$*?[#~{}!", c) >= 0:
			return nil, false
		default:
			word.WriteByte(c)
			open = true
		}
	}
	if open {
		out = append(out, word.String())
	}
	return out, true
}

// FuzzQuote: a shell reads a quoted text as that one word.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "'", "it's $(touch y) `z`", "\\", "a\nb", "''\"", "-o", "~", "é\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := words("x " + quote(s) + " y")
		if !ok || !slices.Equal(got, []string{"x", s, "y"}) {
			t.Errorf("%q is read as %q", s, got)
		}
	})
}

// FuzzCurl: the command of any request is one curl, whatever stands in it, and a
// form's values arrive as they are.
func FuzzCurl(f *testing.F) {
	f.Add("POST", "https://login.example/token", "grant_type", "a b'c", "X-One", "it's")
	f.Add("GET", "http://localhost/?q=[1-9]&x={a,b}", "", "", "Accept", "$(id)")
	f.Add("PUT", "file:///etc/passwd", "a`id`", "\n;rm -rf ~", "Client-Request-Id", "\x1b[31m\"")
	f.Add("", "-o /tmp/x", "scope", "@/etc/passwd", "x", "")
	f.Fuzz(func(t *testing.T, method, address, name, value, header, head string) {
		r := trace.Request{Method: method, URL: address, Header: http.Header{header: {head}}}
		if name != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Body = []byte(url.Values{name: {value}}.Encode())
		}
		command := strings.TrimSuffix(Curl(r), "\n")
		got, ok := words(command)
		if !ok || len(got) < 2 || got[0] != "curl" {
			t.Fatalf("%q is not one command:\n%s", got, command)
		}
		if trace.Plain(strings.ReplaceAll(command, "\n", "")) != strings.ReplaceAll(command, "\n", "") {
			t.Errorf("unsafe words: %q", command)
		}
		for i, w := range got[1:] {
			if strings.HasPrefix(w, "-") && !slices.Contains([]string{"-H", "--data", "--data-urlencode", "--data-raw", "--data-binary", "--request", "--get", "--head", "--globoff", "--proto", "--url", "--user"}, w) &&
				!slices.Contains([]string{"-H", "--data", "--data-urlencode", "--data-raw", "--data-binary", "--request", "--url", "--user"}, got[i]) {
				t.Errorf("%q is an option of curl that nobody wrote:\n%s", w, command)
			}
		}
	})
}
