// Package validate decodes one token strictly and puts every check of a
// resource server to it, so that the reader sees all faults at once and not
// only the first.
//
// It parses JSON itself: duplicate members are seen at every level, numbers
// keep their digits, sizes and nesting are bounded. What the caller has not
// stated is reported as not run, never as passed.
//
// It refuses to guess: an algorithm is never taken from the token, key
// material inside a token is never used, and nothing here opens a connection.
// Keys come from a [KeySource], which alone decides who may be asked.
//
// # Use
//
// [Check] takes the token as it is, a source of keys and what is expected of
// the token, and returns a [Report]. It never fails: what is wrong is in the
// report. A source is made by package jwks, from a key set that is at hand or
// from the issuers' own metadata; nil is a source, too, and leaves key and
// signature not run.
//
//	r := validate.Check(ctx, token, keys, validate.Expectations{
//		Issuer:    "https://login.microsoftonline.com/{tenantid}/v2.0",
//		Audiences: []string{"aaaaaaaa-0000-4000-8000-000000000001"},
//		Tenants:   []string{"11111111-2222-4333-8444-555555555555"},
//		Scopes:    []string{"Orders.Read"},
//	})
//	if r.Verdict != validate.Valid {
//		return errors.New(r.Summary())
//	}
//
// Compare with [Valid], never with [Invalid]: [Unverified] is an answer, and it
// is not a good one. [Decode] reads a token without judging it, and [Clean]
// takes one out of what people paste.
//
// # Checks
//
// There are eighteen, in this order, whatever the token is ([IDs]):
//
//	format            segments, base64url, JSON, types, sizes, "crit", "b64"
//	algorithm         on the list, and fit for the key
//	key               published by the issuer, strong, for this issuer and cloud
//	signature         made with that key over what was received
//	issuer            exactly the one expected, "{tenantid}" filled in
//	audience          one of those expected
//	expiry            not over, the allowance for clocks included
//	not-before        begun
//	issued-at         in the past
//	tenant            one of those listed, and the one of the issuer
//	token-type        access or ID token, person or application
//	nonce             the one that was sent
//	scope             all that are required, word by word
//	roles             all that are required
//	authorized-party  the client expected
//	hash              at_hash and c_hash fit what came with the ID token
//	version           v1.0 or v2.0, and the issuer of that form
//	lifetime          neither too long nor nearly over
//
// Each has a [Status]. One fail makes a token invalid. Without a fail it is
// unverified while format, algorithm, key, signature, issuer, audience, expiry
// or token-type could not run. The others, where nothing was stated, stay not
// run and do not stand in the way; a warn never does.
//
// The words of a report are put together when [Report.Checks] or
// [Report.Summary] is called, and not before: a full check costs little more
// than the signature. Whatever they quote of the token is free of control
// characters and bounded in length.
//
// All functions are safe for concurrent use; the package has no state.
package validate
