package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrChanged says that the file is not as it was read any more.
var ErrChanged = errors.New("the file has been changed meanwhile by somebody else; nothing was written, so read it again")

// Write puts a text in place of the file that was read: whole or not at all, for
// nobody else to read (mode 0600), its directory made where it is missing. It
// fails with ErrChanged when the file does not hold was any more; nil stands for
// no file.
func Write(path string, was, now []byte) error {
	if path == "" {
		return errors.New("there is no place for the configuration: neither XDG_CONFIG_HOME nor HOME is set")
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays, what it leads to is written
	}
	there, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && was == nil:
	case errors.Is(err, fs.ErrNotExist):
		return ErrChanged
	case err != nil:
		return err
	case was == nil || !bytes.Equal(there, was):
		return ErrChanged
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return replace(dir, path, now)
}

func replace(dir, path string, now []byte) error {
	f, err := os.CreateTemp(dir, ".config-*.toml") // made with mode 0600
	if err != nil {
		return fmt.Errorf("beside the configuration: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone when all went well
	_, err = f.Write(now)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
