package state

import (
	"strconv"
	"testing"
	"time"
)

func TestBounded(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := newBounded[int](3)
	for i := range 50 {
		b.put(strconv.Itoa(i), i, now.Add(time.Minute))
		if i%2 == 0 {
			b.drop(strconv.Itoa(i))
		}
	}
	if len(b.byKey) > 3 || len(b.order) > 6 {
		t.Errorf("%d values and %d names are kept", len(b.byKey), len(b.order))
	}
	if v, ok := b.get("49", now); !ok || v != 49 {
		t.Errorf("the newest is %d, %v", v, ok)
	}
	if _, ok := b.get("1", now); ok {
		t.Error("the oldest is still there")
	}
	if _, ok := b.get("49", now.Add(time.Minute)); ok {
		t.Error("a value outlived its time")
	}
}

func TestRedeemOnce(t *testing.T) {
	s := New()
	s.PutCode("c", Code{ClientID: "x"})
	if !s.Redeem("c") || s.Redeem("c") || s.Redeem("unknown") {
		t.Error("a code is redeemed once, and only if it exists")
	}
	if c, ok := s.Code("c"); !ok || !c.Redeemed || c.ClientID != "x" {
		t.Errorf("after redemption: %+v, %v", c, ok)
	}
}

func TestConsents(t *testing.T) {
	s := New()
	ada, ben := Person{"t", "ada"}, Person{"t", "ben"}
	s.Consents.Grant(ada, "client", "api", "read")
	s.Consents.GrantAll("t", "client", "api", "sign")
	if !s.Consents.Has(ada, "client", "api", "read") || s.Consents.Has(ben, "client", "api", "read") || !s.Consents.Has(ben, "client", "api", "sign") {
		t.Error("consent reaches the wrong people")
	}
	if s.Consents.Has(Person{"u", "ada"}, "client", "api", "sign") || !s.Consents.Installed("t", "client") || s.Consents.Installed("u", "client") {
		t.Error("consent reaches another tenant")
	}
	s.Consents.Revoke(ada, "client")
	if s.Consents.Has(ada, "client", "api", "read") || !s.Consents.Has(ada, "client", "api", "sign") {
		t.Error("revoking takes the person's own consents, and only those")
	}
}

func TestIssued(t *testing.T) {
	s, now := New(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 2 * maxIssued {
		s.PutIssued(strconv.Itoa(i), Auth{SID: "s"}, now.Add(time.Hour))
	}
	last := strconv.Itoa(2*maxIssued - 1)
	if a, ok := s.Issued(last, now); !ok || a.SID != "s" || len(s.issued.byKey) > maxIssued {
		t.Errorf("%+v %v; %d are kept", a, ok, len(s.issued.byKey))
	}
	if _, ok := s.Issued(last, now.Add(time.Hour)); ok {
		t.Error("a sign-in outlives its token")
	}
}
