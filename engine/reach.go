package engine

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"flowscope/engine/trace"
	"flowscope/engine/wire"
)

// Allows gives nil when a request may go to this address: a host of the target,
// by https. In the clear only where the target's own issuer is an http address
// of this machine, which is how a provider under development runs.
func (t *Target) Allows(u *url.URL) error {
	if u.Scheme == "http" && t.plainLoopback() && isLoopback(u.Hostname()) && t.has(u.Host) {
		return nil
	}
	return wire.AllowHosts(t.Hosts...)(u)
}

func (t *Target) has(host string) bool {
	return slices.ContainsFunc(t.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// plainLoopback reports whether the target's issuer is an http address of this
// machine.
func (t *Target) plainLoopback() bool {
	u, err := url.Parse(t.Issuer)
	return err == nil && u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// allow is the gate's question for the target and what was admitted to it.
func (run *Run) allow(u *url.URL) error {
	t := run.target()
	return t.Allows(u)
}

// target is the target with the hosts that were admitted on the way.
func (run *Run) target() Target {
	run.mu.Lock()
	defer run.mu.Unlock()
	t := run.Job.Target
	t.Hosts = append(slices.Clone(t.Hosts), run.admitted...)
	return t
}

// Admit lets requests of this run out to further hosts of the target: those that
// the issuer's own discovery document names. It gives the ones that are new.
func (s *Session) Admit(hosts ...string) []string {
	t := s.run.target()
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	var fresh []string
	for _, h := range hosts {
		if h != "" && !t.has(h) && !slices.Contains(fresh, h) {
			fresh = append(fresh, h)
		}
	}
	s.run.admitted = append(s.run.admitted, fresh...)
	return fresh
}

// Allows gives nil when a request of this run may go to an address.
func (s *Session) Allows(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("address: %w", err)
	}
	return s.run.allow(u)
}

// Outward is an address of the authority as a browser outside the program reaches
// it: the lab is served on loopback for browsers, while the rest of the run stays
// in the process.
func (s *Session) Outward(ctx context.Context, address string) (string, error) {
	job := s.run.Job
	if !job.Outside() || job.Target.BrowserBase == nil {
		return address, nil
	}
	base, err := job.Target.BrowserBase(ctx)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("address of the page: %w", err)
	}
	return strings.TrimSuffix(base, "/") + u.RequestURI(), nil
}

// Annotate takes what the driver has to say of an answer, shown beside it from
// the first moment on; empty: nothing.
func (s *Session) Annotate(say func(trace.Exchange) string) { s.annotate = say }

// Remark adds words about the newest exchange with this purpose: what turned out
// after its answer was there.
func (s *Session) Remark(p trace.Purpose, words string) {
	s.run.mu.Lock()
	defer s.run.mu.Unlock()
	for i, e := range slices.Backward(s.run.trace.Exchanges) {
		if e.Purpose != p {
			continue
		}
		if e.Note != "" {
			words = e.Note + "; " + words
		}
		s.run.trace.Exchanges[i].Note = trace.Plain(words)
		s.run.emit()
		return
	}
}

// Wait lets time pass, as long as the runner's clock says. It ends with the
// context's error as soon as the run is stopped.
func (s *Session) Wait(ctx context.Context, d time.Duration) error {
	if s.runner.Wait != nil {
		return s.runner.Wait(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return fmt.Errorf("waiting: %w", ctx.Err())
	}
}
