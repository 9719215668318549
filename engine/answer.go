package engine

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"flowscope/engine/trace"
)

// ErrNoAnswer says that a request got no answer that can be read.
var ErrNoAnswer = errors.New("the token endpoint gave no answer")

// TokenAnswer is what a token endpoint hands out (RFC 6749 section 5.1, OpenID
// Connect Core 1.0 section 3.1.3.3, RFC 8693 section 2.2.1).
type TokenAnswer struct {
	AccessToken     string  `json:"access_token"`
	IDToken         string  `json:"id_token"`
	RefreshToken    string  `json:"refresh_token"`
	TokenType       string  `json:"token_type"`
	Scope           string  `json:"scope"`
	IssuedTokenType string  `json:"issued_token_type"`
	ExpiresIn       Seconds `json:"expires_in"`
}

// Lifetime is how long the access token lives, 0 where the answer does not say.
func (a TokenAnswer) Lifetime() time.Duration { return time.Duration(a.ExpiresIn) * time.Second }

// Seconds is a number of seconds, which some servers put in quotes (Entra: v1.0
// endpoints).
type Seconds int64

// maxSeconds bounds a lifetime, so that it fits a duration: ten years.
const maxSeconds = 10 * 365 * 24 * 60 * 60

// UnmarshalJSON reads a number, in quotes or not; anything else is not stated.
func (s *Seconds) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil && f > 0 {
		*s = Seconds(min(f, maxSeconds))
	}
	return nil
}

// ReadTokenAnswer reads the captured answer of a token request. It fails with
// *OAuthError when the answer is an error (RFC 6749 section 5.2), with ErrNoAnswer
// when there is none, and with *RefusedError when its token is of a type that this
// program does not understand (section 7.1; letter case does not count, section
// 5.1). What a token exchange brings need be no access token (RFC 8693 section
// 2.2.1).
func ReadTokenAnswer(e trace.Exchange) (TokenAnswer, error) {
	var a TokenAnswer
	if e.Response == nil {
		return a, ErrNoAnswer
	}
	if err := AnswerError(e, nil); err != nil {
		return a, err
	}
	if e.Response.Status != 200 {
		return a, fmt.Errorf("the %s was answered with status %d", e.Purpose.Noun(), e.Response.Status)
	}
	if err := json.Unmarshal(e.Response.Body, &a); err != nil || a.AccessToken == "" {
		return a, errors.New("the answer of the token endpoint holds no access token")
	}
	if !strings.EqualFold(a.TokenType, "Bearer") && e.Purpose != trace.TokenExchange {
		return a, refused("token_type", e.Step, "Bearer", trace.Plain(cmp.Or(a.TokenType, "none")), "the answer holds a token of another type than Bearer, and a token of a type that the client does not know must not be used")
	}
	return a, nil
}

// IsPage reports whether an exchange was answered with a page of HTML, such as the
// log-in page of a network.
func IsPage(e trace.Exchange) bool {
	return e.Response != nil && bytes.HasPrefix(bytes.TrimSpace(e.Response.Body), []byte("<"))
}

// WithoutPage takes the page out of a library's words, which repeat the whole body
// of an answer that is no JSON. Where there is no page, they stay.
func WithoutPage(e trace.Exchange, library error) error {
	if !IsPage(e) {
		return library
	}
	return fmt.Errorf("the %s was answered with a page in place of JSON: HTTP %d, Content-Type %q",
		e.Purpose.Noun(), e.Response.Status, trace.Plain(e.Response.Header.Get("Content-Type")))
}

// AnswerError gives the error that a captured answer holds (RFC 6749 section
// 5.2) in place of what a library made of it; the library's where the answer
// holds none. A page in place of JSON is told as such. What this program has
// refused by itself stays refused for that reason.
func AnswerError(e trace.Exchange, library error) error {
	var own *RefusedError
	if e.Response == nil || len(e.Response.Body) == 0 || errors.As(library, &own) {
		return library
	}
	if IsPage(e) {
		return WithoutPage(e, library)
	}
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(e.Response.Body, &body) != nil || body.Error == "" {
		return library
	}
	return &OAuthError{Code: trace.Plain(body.Error), Description: trace.Plain(body.Description)}
}

// Asked is what a token was asked for with, as far as it can be told from the plan.
type Asked struct {
	Client    Client
	Scopes    []string // resource scopes
	Caller    string   // whom it is for: "user" or "app"
	Authority string   // https://HOST/TENANT
	TenantID  string   // the tenant's GUID; empty where it is not known
	Issuer    string   // of v2.0 tokens
}

// ExpectAccess says what an access token must hold, from the plan alone. Of an API
// that the registration does not show, neither the audience nor the version of its
// tokens is known, and so neither is the issuer's form.
func ExpectAccess(a Asked) trace.Expect {
	want := trace.Expect{Caller: a.Caller, ClientID: a.Client.Registration.ClientID}
	if a.TenantID != "" {
		want.Tenants = []string{a.TenantID}
	}
	for _, scope := range a.Scopes {
		if name := scope[strings.LastIndexByte(scope, '/')+1:]; name != ".default" && a.Caller == "user" {
			want.Scopes = append(want.Scopes, name)
		}
		res, ok := a.Client.Registration.ResourceOf(scope)
		if !ok {
			continue
		}
		want.Audiences, want.Issuer = []string{res.ClientID}, a.Issuer
		if res.Version == "1.0" {
			want.Audiences = append(want.Audiences, res.URI)
			want.Issuer = issuerV1(a.Authority, a.TenantID)
		}
	}
	return want
}

// issuerV1 gives the issuer of v1.0 tokens. Entra's has a host of its own (Entra:
// access tokens; national clouds), the lab's that of the authority. Many tenants
// are "{tenantid}".
func issuerV1(authority, tenantID string) string {
	scheme, rest, _ := strings.Cut(authority, "://")
	host, tenant, _ := strings.Cut(rest, "/")
	switch host {
	case "login.microsoftonline.com", "login.microsoftonline.us":
		host = "sts.windows.net"
	case "login.partner.microsoftonline.cn":
		host = "sts.chinacloudapi.cn"
	default:
		return authority + "/"
	}
	if tenant == "common" || tenant == "organizations" {
		tenant = "{tenantid}"
	}
	return scheme + "://" + host + "/" + cmp.Or(tenantID, tenant) + "/"
}
