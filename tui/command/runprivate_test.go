package command

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWriteOver: with force a link stays a link and its target is written, and
// what is no ordinary file is left alone.
func TestWriteOver(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	if err := writePrivate(link, []byte("new"), true); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if got, _ := os.ReadFile(target); err != nil || info.Mode()&os.ModeSymlink == 0 || string(got) != "new" {
		t.Errorf("the link became %v, its target %q", info, got)
	}
	if err := writePrivate(dir, []byte("new"), true); err == nil {
		t.Error("a directory was written over")
	}
}
