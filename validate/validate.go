package validate

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"time"
)

// Status is the outcome of one check.
type Status string

// The outcomes of a check.
const (
	// StatusPass means that the rule was put to the token and holds.
	StatusPass Status = "pass"
	// StatusFail means that the rule was broken; one is enough to make a token invalid.
	StatusFail Status = "fail"
	// StatusWarn means that the rule holds, but something about it deserves a look.
	StatusWarn Status = "warn"
	// StatusNotRun means that the rule could not be put: something was not stated or not at hand.
	StatusNotRun Status = "not-run"
)

// Verdict is the answer for a whole token.
type Verdict string

// The verdicts.
const (
	// Valid means that everything that had to be checked was, and held.
	Valid Verdict = "valid"
	// Invalid means that at least one check failed.
	Invalid Verdict = "invalid"
	// Unverified means that nothing failed, but something needed could not be checked.
	Unverified Verdict = "unverified"
)

// Kind is what a token is, told from its shape and its claims.
type Kind string

// The kinds of token.
const (
	// KindAccess is an access token: it names a client, scopes or roles.
	KindAccess Kind = "access"
	// KindID is an ID token: proof of a sign-in, made for the client itself.
	KindID Kind = "id"
	// KindRefresh is a refresh token, which only the issuer can read.
	KindRefresh Kind = "refresh"
	// KindOpaque is any string that is no readable JSON Web Token.
	KindOpaque Kind = "opaque"
	// KindEncrypted is a JSON Web Encryption in its compact form of five segments.
	KindEncrypted Kind = "encrypted"
)

// The kinds of subject a token can speak for.
const (
	// SubjectUser is a person, by way of a client.
	SubjectUser = "user"
	// SubjectApp is an application that acts as itself.
	SubjectApp = "app"
	// SubjectUnknown is a subject whose claims do not settle the question.
	SubjectUnknown = "unknown"
)

// Indexes of the checks in IDs.
const (
	ixFormat = iota
	ixAlgorithm
	ixKey
	ixSignature
	ixIssuer
	ixAudience
	ixExpiry
	ixNotBefore
	ixIssuedAt
	ixTenant
	ixTokenType
	ixNonce
	ixScope
	ixRoles
	ixAuthorizedParty
	ixHash
	ixVersion
	ixLifetime
	checkCount
)

// ids holds the identifiers in the order of the indexes above.
var ids = [checkCount]string{
	"format", "algorithm", "key", "signature", "issuer", "audience",
	"expiry", "not-before", "issued-at", "tenant", "token-type", "nonce",
	"scope", "roles", "authorized-party", "hash", "version", "lifetime",
}

// IDs returns the identifiers of all checks in the order in which a report
// lists them. The array is a copy.
func IDs() [18]string { return ids }

// DefaultSkew is how far the clocks of issuer and reader may stand apart when
// Expectations state nothing else. Entra's own libraries allow as much.
const DefaultSkew = 5 * time.Minute

// Expectations is what the caller knows about the token it wants to accept.
// An empty field is a thing not stated: its check is then not run.
type Expectations struct {
	// Issuer is the exact value that "iss" must have. It may hold "{tenantid}",
	// which stands for the token's own "tid" (multi-tenant applications).
	Issuer string
	// Unresolved says why the GUID of the tenant that Issuer names by its domain
	// could not be looked up. A token that names a GUID there is then neither
	// right nor wrong.
	Unresolved string
	// Audiences are alternatives; the token must name one of them exactly.
	Audiences []string
	// Tenants are alternatives, as GUIDs; "tid" must be one of them.
	Tenants []string
	// Scopes must all be in "scp". An element may name several, with white space between.
	Scopes []string
	// Roles must all be in "roles".
	Roles []string
	// Caller is "user" or "app" where only one of them may come in, else "".
	Caller string
	// Nonce is the value sent with the authentication request (OpenID Connect Core 3.1.2.1).
	Nonce string
	// Type is KindAccess or KindID; "" tells the type from the token.
	Type Kind
	// ClientID is the authorized party expected: "azp" or "appid" of an access
	// token, "azp" of an ID token where it carries one. Where no Audiences are
	// stated it is the audience of an ID token (OpenID Connect Core 3.1.3.7, rule 3).
	ClientID string
	// Algorithms lists what may sign. Nil means RS256 and whatever the issuer's
	// metadata declares among RS, PS and ES. "none" and HS are never allowed,
	// listed or not.
	Algorithms []string
	// AccessToken and Code are what "at_hash" and "c_hash" of an ID token are compared with.
	AccessToken, Code string
	// FrontChannel says that the ID token came straight from the authorization
	// endpoint: then it must carry "at_hash" beside an access token (OpenID Connect
	// Core 3.2.2.9) and "c_hash" beside a code (3.3.2.11).
	FrontChannel bool
	// Now is the time to judge by; the zero time means the present moment.
	Now time.Time
	// Skew is the difference of clocks to allow. Zero means DefaultSkew, a
	// negative duration means none; more than an hour is taken as stated, and the
	// words on the expiry say so.
	Skew time.Duration
}

// KeyQuery asks a KeySource for the key of one token. Its values come from an
// unverified token, save Issuer and AppID where the caller stated them.
type KeyQuery struct {
	// Issuer is the issuer to ask: the one expected (perhaps with "{tenantid}"), else the token's.
	Issuer string
	// TenantID is the token's "tid", a GUID or "".
	TenantID string
	// Version is the token's "ver": "1.0", "2.0" or "".
	Version string
	// KeyID is the "kid" of the header, "" where there is none; its length and
	// characters are checked.
	KeyID string
	// Algorithm is the "alg" of the header; it tells keys of different types apart
	// that have one identifier (RFC 7517 section 4.5). "" picks the best of them.
	Algorithm string
	// AppID is the stated audience that the token matched, when it is a GUID, else
	// a GUID stated beside it as another name of the same application.
	// Applications with their own signing keys need it ("?appid=").
	AppID string
}

// Key is one public key as its issuer publishes it, with what is known about it.
type Key struct {
	// Public is an *rsa.PublicKey or an *ecdsa.PublicKey.
	Public crypto.PublicKey
	// ID is the "kid" member (RFC 7517 section 4.5).
	ID string
	// Use is the "use" member: "sig", "enc" or "".
	Use string
	// Algorithm is the "alg" member; Entra leaves it out.
	Algorithm string
	// Issuer is Entra's "issuer" member, exact or with "{tenantid}"; "" for v1.0 keys.
	Issuer string
	// Cloud is Entra's "cloud_instance_name" of the key.
	Cloud string
	// Bits is the size of the modulus or of the curve.
	Bits int
	// Declared lists the signing algorithms that the issuer's metadata declares.
	Declared []string
	// MetadataIssuer is the "issuer" of the metadata that led to the key; "" for a fixed set.
	MetadataIssuer string
	// MetadataCloud is the "cloud_instance_name" of that metadata.
	MetadataCloud string
	// Source says where the key came from: "live", "cache" or "file", with the URL where there is one.
	Source string
	// Fetched is when the issuer gave the key set; zero where it is not known.
	Fetched time.Time
	// Age is how old the key set was when the key was looked up.
	Age time.Duration
	// Trouble says since when and why the issuer gives no answer, where its last
	// good keys are used for that; "" when it does.
	Trouble string
	// CertificateMatches tells whether x5c[0] holds this same key; nil without a certificate.
	CertificateMatches *bool
}

// KeySource finds keys and verifies signatures with them. It alone decides
// which issuers may be asked. Implementations are safe for concurrent use.
type KeySource interface {
	// Key returns the key for q. Errors are *KeyError, or errors of ctx.
	Key(ctx context.Context, q KeyQuery) (Key, error)
	// Verify checks a JWS signature (RFC 7515 section 5.2) with exactly alg.
	// Nil means that it matches.
	Verify(alg string, k Key, signingInput, signature []byte) error
}

// KeyReason says why a KeySource gave no key.
type KeyReason string

// Reasons for having no key. The first six say nothing about the token; the
// last two are held against it.
const (
	// KeyNoSource: there is no source of keys at all.
	KeyNoSource KeyReason = "no-source"
	// KeyNotAllowed: the issuer may not be asked without the user's word.
	KeyNotAllowed KeyReason = "not-allowed"
	// KeyElsewhere: the issuer keeps its keys on another host, which may not be
	// asked without the user's word.
	KeyElsewhere KeyReason = "elsewhere"
	// KeyUnreachable: the issuer could not be reached or gave no usable answer.
	KeyUnreachable KeyReason = "unreachable"
	// KeyMetadata: the issuer's metadata names another issuer and is not to be trusted.
	KeyMetadata KeyReason = "metadata"
	// KeyIncomplete: the issuer publishes more keys than are read, and none of those read has this "kid".
	KeyIncomplete KeyReason = "incomplete"
	// KeyUnknown: the issuer's keys, fresh enough, hold none with this "kid".
	KeyUnknown KeyReason = "unknown"
	// KeyUnusable: the key with this "kid" is there, but nothing may be verified with it.
	KeyUnusable KeyReason = "unusable"
)

// KeyError is how a KeySource says that it has no key, and why.
type KeyError struct {
	// Reason decides between "could not be checked" and "failed".
	Reason KeyReason
	// Issuer is the issuer that was asked or should have been.
	Issuer string
	// Given says that the keys were a set that somebody gave, and no issuer was asked.
	Given bool
	// Err is the cause, where there is one.
	Err error
}

// Error tells the reason, the issuer and the cause.
func (e *KeyError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("no key of %q: %s", e.Issuer, e.Reason)
	}
	return fmt.Sprintf("no key of %q: %s: %v", e.Issuer, e.Reason, e.Err)
}

// Unwrap returns the cause.
func (e *KeyError) Unwrap() error { return e.Err }

// ErrSignature is what a KeySource's Verify returns, perhaps wrapped, when the
// signature does not belong to the key and the signing input.
var ErrSignature = errors.New("signature does not match")
