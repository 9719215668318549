package command

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"flowscope/engine/trace"
)

const (
	// maxName is the longest name of a file that an error repeats, in characters.
	maxName = 64
	// notShown stands where something was given that may be a secret.
	notShown = "(not shown)"
)

// fileError says why a file can't be read. Its name is repeated only where it
// looks like one: people give a secret where its file belongs.
func fileError(name string, err error) error {
	var path *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), isNameTooLong(err), errors.Is(err, fs.ErrInvalid), errors.Is(err, syscall.EINVAL), errors.Is(err, syscall.ENOTDIR):
		return noFile(name)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%s is a directory; name a file", fileName(name))
	case errors.As(err, &path):
		return fmt.Errorf("%s can't be read: %w", fileName(name), path.Err)
	}
	return err
}

// noFile says that a file is not there.
func noFile(name string) error {
	if !isShowable(name) {
		return errors.New("there is no file of that name")
	}
	return fmt.Errorf("there is no file %s", name)
}

func fileName(name string) string {
	if !isShowable(name) {
		return "the file"
	}
	return name
}

// isShowable reports what an error may repeat of a command line: a short name
// that does not look like a secret.
func isShowable(s string) bool { return utf8.RuneCountInString(s) <= maxName && !isSecretLike(s) }

// isSecretLike recognises what may be a secret in the place of a name: a key, a
// token, or a word of letters and digits as only a machine makes them.
func isSecretLike(s string) bool {
	if trace.Plain(s) != s || strings.ContainsAny(s, "\"{}") || strings.Contains(s, "-----") || strings.Contains(s, "Q~") {
		return true
	}
	if len(s) > 24 && strings.ContainsAny(s, "+=") && !strings.ContainsAny(s, " ") { // the other signs of base64
		return true
	}
	if len(s) > 2*maxName && !strings.Contains(s, " ") && !strings.Contains(s, "://") {
		return true
	}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return !isAlphanumeric(r) }) {
		if isMade(word) {
			return true
		}
	}
	return false
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// isMade recognises a word that no person makes up: it is long and has its digits
// in more than one place, or begins as keys and tokens do.
func isMade(word string) bool {
	if len(word) < 16 {
		return false
	}
	groups, letters := 0, false
	for i := range len(word) {
		if digit := word[i] <= '9'; digit && (i == 0 || word[i-1] > '9') {
			groups++
		} else if !digit {
			letters = true
		}
	}
	return strings.HasPrefix(word, "ey") || strings.HasPrefix(word, "MI") || letters && (groups > 1 || groups == 1 && len(word) >= 32) || len(word) > 40
}

// hide takes out of an error what was given on the command line and may be a
// secret: flags repeat what they can't read.
func (c *call) hide(text string) string {
	for _, arg := range c.args {
		parts := []string{arg}
		if name, value, ok := strings.Cut(arg, "="); ok {
			parts = append(parts, value, name)
		}
		for _, part := range parts {
			if isShowable(part) || strings.Contains(part, "://") && !isSecretLike(part) {
				continue
			}
			quoted := strconv.Quote(part)
			for _, form := range [...]string{part, quoted[1 : len(quoted)-1], oneLine(part)} {
				if len(form) > 1 {
					text = strings.ReplaceAll(text, form, notShown)
				}
			}
		}
	}
	return text
}
