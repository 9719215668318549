package ids

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func TestForms(t *testing.T) {
	guid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, s := range []*Source{New(nil), Seeded(), New(bytes.NewReader(nil))} {
		a, b := s.GUID(), s.GUID()
		if !guid.MatchString(a) || a == b {
			t.Errorf("GUIDs %q and %q", a, b)
		}
		if id := s.TraceID(); !guid.MatchString(id) || !strings.HasSuffix(id, "00") {
			t.Errorf("trace id %q", id)
		}
		if o := s.Opaque(16); len(o) != 22 {
			t.Errorf("16 bytes are written as %q", o)
		}
		for range 1000 {
			if n := s.Between(3, 5); n < 3 || n > 5 {
				t.Fatalf("%d is not between 3 and 5", n)
			}
		}
	}
	if a, b := Seeded().GUID(), Seeded().GUID(); a != b {
		t.Error("two seeded sources differ")
	}
}
