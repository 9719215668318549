package conditions

import (
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range New().List() {
		if seen[c.ID] || c.ID != strings.ToLower(c.ID) || c.Title == "" || !strings.HasSuffix(c.About, ".") || c.Group == "" || c.On || c.Value != "" {
			t.Errorf("%+v is not complete, or comes twice", c)
		}
		seen[c.ID] = true
		if (c.Takes == TakesNothing) != (c.Default == "") {
			t.Errorf("%s takes %q and has the default %q", c.ID, c.Takes, c.Default)
		}
		s := New()
		if err := s.Switch(c.ID, "on", noon); err != nil || !s.On(c.ID) {
			t.Errorf("%s can't be switched on: %v", c.ID, err)
		}
		if again, _ := s.Find(c.ID); !again.On || again.Value != c.Default {
			t.Errorf("%s stands at %+v", c.ID, again)
		}
		if err := s.Switch(c.ID, "off", noon); err != nil || s.On(c.ID) {
			t.Errorf("%s can't be switched off: %v", c.ID, err)
		}
	}
}

func TestSwitch(t *testing.T) {
	for _, c := range []struct{ id, value, fails string }{
		{"nonsense", "on", "no condition"},
		{Outage, "often", "takes no value"},
		{Slow, "often", "such as 2s"},
		{Slow, "-2s", "can't be"},
		{Clock, "-2h", ""},
		{Clock, "1000000h", "can't be"},
		{SessionsRevoked, ",", "1 to 64"},
		{SessionsRevoked, many(70), "1 to 64"},
		{SessionsRevoked, "ada@contoso.example, ben@contoso.example,ADA@contoso.example", ""},
	} {
		s := New()
		err := s.Switch(c.id, c.value, noon)
		if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s=%s: %v, want %q", c.id, c.value, err, c.fails)
		}
		if on := s.On(c.id); on != (c.fails == "") {
			t.Errorf("%s=%s: on is %v after a failure", c.id, c.value, on)
		}
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat("x", i+1) + ",")
	}
	return b.String()
}

func TestValues(t *testing.T) {
	s := New()
	if err := s.Switch(Clock, "-90m", noon); err != nil || s.Length(Clock) != -90*time.Minute || s.Length(Slow) != 0 {
		t.Errorf("clock: %v, %s, %s", err, s.Length(Clock), s.Length(Slow))
	}
	if err := s.Switch(SessionsRevoked, " Ada@contoso.example ", noon); err != nil {
		t.Fatal(err)
	}
	if at, ok := s.Names(SessionsRevoked, "ada@CONTOSO.example"); !ok || !at.Equal(noon) {
		t.Errorf("revoked at %v, %v", at, ok)
	}
	if _, ok := s.Names(SessionsRevoked, "ben@contoso.example"); ok {
		t.Error("someone else's sessions were revoked")
	}
	if err := s.Switch(SessionsRevoked, "ada@contoso.example", noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if at, _ := s.Names(SessionsRevoked, "ada@contoso.example"); !at.Equal(noon.Add(time.Hour)) {
		t.Errorf("a second revocation keeps the first moment: %v", at)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := New()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if err := s.Switch(AccountDisabled, "ada@contoso.example", noon); err != nil {
					t.Error(err)
				}
				s.Names(AccountDisabled, "ada@contoso.example")
				s.List()
			}
		})
	}
	wg.Wait()
	if !s.On(AccountDisabled) {
		t.Error("the condition is off")
	}
}
