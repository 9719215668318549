package jwks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"flowscope/validate"
)

// maxBody bounds what an issuer may send: 1 MiB.
const maxBody = 1 << 20

// need says why an issuer is to be asked.
type need uint8

const (
	needSet need = iota // no keys yet, or old ones
	needKey             // a key that is not among those known
	byHand              // somebody pressed the key for it
)

// fetch asks the issuer unless it was asked a moment ago, one caller at a
// time: those who wait take what the first one got. It returns the keys to
// use, perhaps the last good ones; on an error with needKey there is nothing
// new.
func (s *Source) fetch(ctx context.Context, e *entry, n need) (*keySet, error) {
	before := e.set.Load()
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, s.unreachable(e, ctx.Err())
	}
	defer func() { <-e.turn }()
	now := s.clock()
	current := e.set.Load()
	if current != before && n != byHand {
		return current, nil // somebody else asked while this caller waited
	}
	if wait := e.wait(now, n, current); wait {
		if current == nil || n == needKey && e.err != nil {
			return nil, e.err
		}
		return current, nil
	}
	fresh, err := s.ask(ctx, e)
	if err == nil {
		fresh.fetched = s.clock()
		e.asked, e.failed, e.err = now, time.Time{}, nil
		e.set.Store(fresh)
		return fresh, nil
	}
	if ctx.Err() == nil {
		e.asked, e.failed, e.err = now, now, err
	}
	if current != nil && n == needSet {
		return current, nil // the last keys known to be good
	}
	return nil, err
}

// wait reports whether the issuer was asked too short a while ago.
func (e *entry) wait(now time.Time, n need, current *keySet) bool {
	if n == byHand || e.asked.IsZero() || now.Before(e.asked) {
		return false
	}
	gap := refreshEvery
	if current == nil || n == needSet {
		gap = retryEvery
	}
	return now.Sub(e.asked) < gap
}

func (s *Source) unreachable(e *entry, err error) error {
	return &validate.KeyError{Reason: validate.KeyUnreachable, Issuer: e.id.issuer, Err: err}
}

// metadata is what is needed of a discovery document.
type metadata struct {
	issuer, jwksURI, cloud string
	declared               []string
}

// ask fetches metadata and key set.
func (s *Source) ask(ctx context.Context, e *entry) (*keySet, error) {
	body, err := get(ctx, s.client, e.url)
	if err != nil {
		return nil, s.unreachable(e, err)
	}
	m, err := readMetadata(body)
	if err != nil {
		return nil, s.unreachable(e, fmt.Errorf("metadata of %s: %w", e.url, err))
	}
	if !sameIssuer(m.issuer, e.id.issuer) {
		return nil, &validate.KeyError{
			Reason: validate.KeyMetadata, Issuer: e.id.issuer,
			Err: fmt.Errorf("metadata at %s is that of %q", e.url, clip(m.issuer)),
		}
	}
	if err := mayFetch(m.jwksURI, e.url); err != nil {
		return nil, s.unreachable(e, err)
	}
	if body, err = get(ctx, s.client, m.jwksURI); err != nil {
		return nil, s.unreachable(e, err)
	}
	set, err := parseSet(body, origin{
		issuer: m.issuer, cloud: m.cloud, declared: m.declared,
		live: "live " + m.jwksURI, cached: "cache " + m.jwksURI,
	})
	if err != nil {
		return nil, s.unreachable(e, err)
	}
	return set, nil
}

// Fetch gets a document from an address that a person named, under the bounds of
// key requests: no redirect is followed, and 1 MiB is the most that is read.
func Fetch(ctx context.Context, client Client, address string) ([]byte, error) {
	return get(ctx, client, address)
}

// get fetches one document over the caller's context.
func get(ctx context.Context, client Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.Request != nil && resp.Request.URL != nil && resp.Request.URL.Host != req.URL.Host {
		return nil, fmt.Errorf("%s led away to %s", address, clip(resp.Request.URL.Host))
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", address, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("answer of %s: %w", address, err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("answer of %s is larger than 1 MiB", address)
	}
	return body, nil
}

// readMetadata reads a discovery document (OpenID Connect Discovery 3).
func readMetadata(body []byte) (metadata, error) {
	o, err := validate.ParseObject(plainText(body))
	if err != nil {
		return metadata{}, err
	}
	m := metadata{
		issuer: o.String("issuer"), jwksURI: o.String("jwks_uri"), cloud: o.String("cloud_instance_name"),
		declared: slices.DeleteFunc(o.Strings("id_token_signing_alg_values_supported"), func(alg string) bool {
			return len(alg) != 5 || !slices.Contains([]string{"RS", "PS", "ES"}, alg[:2])
		}),
	}
	if m.issuer == "" || m.jwksURI == "" {
		return metadata{}, errors.New("issuer or jwks_uri is missing")
	}
	return m, nil
}

// tenantPlaceholder stands for the tenant in documents for many tenants.
const tenantPlaceholder = "{tenantid}"

// sameIssuer compares the metadata's issuer with the one asked: exactly, or
// as Entra's template where the one asked has a tenant in its place.
func sameIssuer(found, asked string) bool {
	if found == asked {
		return true
	}
	before, after, ok := strings.Cut(found, tenantPlaceholder)
	if !ok || !strings.HasPrefix(asked, before) {
		return false
	}
	rest := asked[len(before):]
	return strings.HasSuffix(rest, after) && len(rest) == len(after)+36 && isGUID(rest[:36])
}

func isGUID(s string) bool {
	for i, c := range []byte(s) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f') {
			return false
		}
	}
	return len(s) == 36
}

// parseIssuer reads an issuer: https (plain http on loopback only), a host,
// and neither user, query nor fragment (OpenID Connect Discovery 3).
func parseIssuer(issuer string) (*url.URL, error) {
	plain := strings.ReplaceAll(issuer, tenantPlaceholder, "common")
	if !plainAddress(plain) {
		return nil, fmt.Errorf("issuer %q is no plain address", clip(issuer))
	}
	u, err := url.Parse(plain)
	if err != nil {
		return nil, fmt.Errorf("issuer %q is no address", clip(issuer))
	}
	switch {
	case u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return nil, fmt.Errorf("issuer %q is no plain address", clip(issuer))
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("issuer %q is not https", clip(issuer))
}

// maxIssuer bounds an issuer, in bytes.
const maxIssuer = 1024

// plainAddress bounds an issuer to what stands for itself in an address: no
// white space, no control characters, no way up the path.
func plainAddress(issuer string) bool {
	if len(issuer) > maxIssuer || strings.Contains(issuer, "/../") || strings.Contains(issuer, "/./") ||
		strings.HasSuffix(issuer, "/..") || strings.HasSuffix(issuer, "/.") {
		return false
	}
	return !strings.ContainsFunc(issuer, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`\"<>{}|^`+"`", c) })
}

// entraShape refuses an issuer on one of Entra's hosts that has another form
// than https://HOST/TENANT/v2.0 or, for v1.0, https://HOST/TENANT/, so that no
// token picks a path there. TENANT is a GUID, a domain or one of the names for
// many tenants (Entra: OpenID Connect on the identity platform). Issuers on
// other hosts are none of its business.
func entraShape(issuer string) error {
	u, err := parseIssuer(issuer)
	if err != nil {
		return err
	}
	if !validate.EntraHost(u.Hostname()) {
		return nil
	}
	tenant, tail, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	if tail = strings.TrimSuffix(tail, "/"); tail != "" && tail != "v2.0" || !isTenant(tenant) {
		return fmt.Errorf("%q is no issuer of Entra: those are https://%s/TENANT/v2.0 or https://%s/TENANT/", clip(issuer), u.Host, u.Host)
	}
	return nil
}

// isTenant recognises how Entra names tenants in an address.
func isTenant(s string) bool {
	switch s {
	case "common", "organizations", "consumers":
		return true
	}
	return isGUID(s) || isDomain(s)
}

// isDomain recognises a host name of two labels or more (RFC 1123 section
// 2.1); the last of them begins with a letter.
func isDomain(s string) bool {
	dot := strings.LastIndexByte(s, '.')
	if len(s) > 253 || dot < 0 || dot+1 == len(s) || s[dot+1]|0x20 < 'a' {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range []byte(label) {
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-') {
				return false
			}
		}
	}
	return true
}

func isLoopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// MetadataURL returns where an issuer's discovery document is. Entra's v1.0
// issuers live on another host than their documents; "{tenantid}" stands for
// every tenant, whose document is that of "common" (Entra: OpenID Connect on
// the identity platform).
func MetadataURL(issuer string) (string, error) {
	u, err := parseIssuer(issuer)
	if err != nil {
		return "", err
	}
	switch u.Host {
	case "sts.windows.net":
		u.Host = "login.microsoftonline.com"
	case "sts.chinacloudapi.cn":
		u.Host = "login.partner.microsoftonline.cn"
	}
	return strings.TrimSuffix(u.String(), "/") + "/.well-known/openid-configuration", nil
}

// mayFetch bounds where metadata may point for its keys: https, or plain http
// on the very host that served the metadata.
func mayFetch(address, from string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return fmt.Errorf("jwks_uri %q is no plain address", clip(address))
	}
	if u.Scheme == "https" {
		return nil
	}
	base, err := url.Parse(from)
	if err != nil || u.Scheme != "http" || base.Scheme != "http" || u.Host != base.Host {
		return fmt.Errorf("jwks_uri %q is not https", clip(address))
	}
	return nil
}

// clip bounds text from outside within an error.
func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}
