package token

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"flowscope/decision"
	"flowscope/engine/inspect"
	"flowscope/tui/widget"
	"flowscope/validate"
	"flowscope/validate/infer"
)

// kindWords says what the token is.
func kindWords(r *inspect.Report) string {
	switch r.Kind {
	case validate.KindAccess:
		return "access token"
	case validate.KindID:
		return "ID token"
	case validate.KindRefresh:
		return "refresh token"
	case validate.KindEncrypted:
		return "encrypted token"
	}
	if r.Token.Header != nil {
		return "damaged token"
	}
	return "opaque string"
}

// tabWords is the same in one word, for a tab.
func tabWords(r *inspect.Report) string {
	words := kindWords(r)
	if rest, ok := strings.CutSuffix(words, " token"); ok {
		return rest
	}
	return "opaque"
}

// about says for whom the token speaks, its version, and which flow made it.
func about(r *inspect.Report, from string) []string {
	var out []string
	switch {
	case r.Kind != validate.KindAccess:
	case r.SubjectKind == validate.SubjectUser:
		out = append(out, "delegated")
	case r.SubjectKind == validate.SubjectApp:
		out = append(out, "application")
	}
	if r.Version != "" {
		out = append(out, "v"+r.Version)
	}
	if flow := flowOf(r, from, true); flow != "" {
		out = append(out, flow)
	}
	return out
}

// flowOf names the flow and where the token is from; in fewer words where there
// is little room.
func flowOf(r *inspect.Report, from string, roomy bool) string {
	flow := flowWords(r.Flow)
	if !roomy {
		return strings.TrimSuffix(strings.Replace(flow, "made by ", "", 1), " + PKCE")
	}
	switch {
	case flow != "" && from != "":
		flow += " (" + from + ")"
	case flow == "":
		flow = from
	}
	return flow
}

// flowWords names the flow that made the token, and how sure that is.
func flowWords(g infer.Guess) string {
	if g.Name == "" || g.Name == infer.Unknown {
		return ""
	}
	made := "made by "
	switch g.Confidence {
	case infer.Likely:
		made = "likely made by "
	case infer.Possible:
		made = "perhaps made by "
	}
	return made + decision.Flow(g.Name).Title()
}

// counted counts: "1 claim", "1,000 claims".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return widget.Thousands(n) + " " + what
}

// characters counts: "1,412 characters".
func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return widget.Thousands(n) + " characters"
}

// stamp writes a time as short as it can be understood beside now.
func stamp(at, now time.Time, seconds bool) string {
	at = at.In(now.Location())
	clock := "15:04"
	if seconds {
		clock = "15:04:05"
	}
	switch {
	case at.Format(time.DateOnly) == now.Format(time.DateOnly):
		return at.Format(clock)
	case at.Year() == now.Year():
		return at.Format("2 Jan " + clock)
	}
	return at.Format("2 Jan 2006 " + clock)
}

// zoned is a stamp with the name of its zone, which is that of all times here.
func zoned(at, now time.Time) string {
	return stamp(at, now, false) + " " + at.In(now.Location()).Format("MST")
}

// far is from when on a time.Duration can't say how far a time is.
const far = 200 * 365 * 24 * time.Hour

// years is how many years lie between two times.
func years(at, now time.Time) string {
	return widget.Thousands(max(at.Year()-now.Year(), now.Year()-at.Year())) + " years"
}

// distance says how far a time is from now: "in 21 minutes", "2 hours ago".
func distance(at, now time.Time) string {
	switch d := at.Sub(now); {
	case d > far:
		return "in " + years(at, now)
	case d < -far:
		return years(at, now) + " ago"
	}
	switch d := at.Sub(now); {
	case d >= time.Second:
		return "in " + span(d)
	case d <= -time.Second:
		return span(-d) + " ago"
	}
	return "now"
}

// span writes a duration in its largest unit that has two or more of it.
func span(d time.Duration) string {
	count := func(n time.Duration, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch {
	case d < 2*time.Minute:
		return count(d/time.Second, "second")
	case d < 2*time.Hour:
		return count(d/time.Minute, "minute")
	case d < 48*time.Hour:
		return count(d/time.Hour, "hour")
	case d < 2*365*24*time.Hour:
		return count(d/(24*time.Hour), "day")
	}
	return count(d/(365*24*time.Hour), "year")
}

// lastSecond is the end of the year 9999, the last that a date can name.
const lastSecond = 253402300799

// dateOf reads a NumericDate (RFC 7519 section 2), to the second.
func dateOf(v validate.Value) (time.Time, bool) {
	if v.Type != validate.TypeNumber {
		return time.Time{}, false
	}
	f, err := strconv.ParseFloat(v.Raw, 64)
	if err != nil || f < 0 || f > lastSecond {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0), true
}

func claimDate(r *inspect.Report, name string) (time.Time, bool) {
	v, ok := r.Token.Claims.Get(name)
	if !ok {
		return time.Time{}, false
	}
	return dateOf(v)
}

// unread explains a token of which there are no claims to show.
func unread(r *inspect.Report) []string {
	switch r.Kind {
	case validate.KindRefresh:
		return []string{
			"Only its issuer can read a refresh token. To everybody else, your app included, it is a key without a label.",
			"Your app keeps it safe and sends it to the token endpoint alone, to get new tokens. It never goes to an API.",
			"Its length and its form may change at any time: nothing may depend on them.",
		}
	case validate.KindEncrypted:
		return []string{
			"An encrypted token (RFC 7516). Only the API that holds the private key can read it, and only that API needs to.",
			"What stands below is its header, which is not encrypted.",
		}
	}
	if r.Token.Header != nil {
		return []string{"The claims can't be read. The check called format says where the text breaks."}
	}
	return []string{
		"This is no JSON Web Token, so there is nothing in it to read.",
		"It may be a handle that only its issuer can look up, such as an access token of a personal account, or only a part of a token.",
	}
}

// needsSaying lists the checks that run once their expectation is stated.
var needsSaying = map[string]string{
	"issuer": "say which issuer", "audience": "say for whom", "tenant": "say which tenant", "nonce": "say what was sent",
	"scope": "say what is needed", "roles": "say what is needed", "authorized-party": "say which client",
}

// checkWords is a check in the few words that stand beside its name.
func checkWords(c validate.Result, r *inspect.Report, now time.Time) string {
	switch c.Status {
	case validate.StatusFail:
		if at, ok := claimDate(r, "exp"); ok && c.ID == "expiry" {
			return leftWords(at, now)
		}
		if words := failWords[c.ID]; words != "" {
			return words
		}
		return "does not hold"
	case validate.StatusNotRun:
		return notRunWords(c, r)
	case validate.StatusWarn:
		return brief(c.Why)
	}
	switch c.ID {
	case "format":
		if c.Status == validate.StatusPass && r.Token.Claims != nil {
			return "compact, three segments"
		}
	case "key":
		if parts := strings.Split(c.Found, ", "); len(parts) > 1 {
			return strings.Join(parts[1:], ", ") // its id stands among the claims
		}
	case "signature":
		return "holds"
	case "issuer":
		return "exact"
	case "audience", "nonce":
		return "as expected"
	case "tenant", "authorized-party":
		return "the one expected"
	case "expiry":
		if at, ok := claimDate(r, "exp"); ok {
			return leftWords(at, now)
		}
	case "not-before", "issued-at":
		return "passed"
	case "hash":
		return "fits"
	}
	if c.Found != "" {
		return c.Found
	}
	return brief(c.Why)
}

var failWords = map[string]string{
	"format": "can't be read as it should", "algorithm": "may not sign tokens", "key": "not to be trusted",
	"issuer": "not the one expected", "expiry": "none that can be read", "audience": "not the one expected", "not-before": "not valid yet",
	"tenant": "not one that may come in", "token-type": "not what is wanted here", "nonce": "not the one sent",
	"scope": "not all that is needed", "roles": "not all that is needed", "authorized-party": "another client",
	"hash": "does not fit",
}

func notRunWords(c validate.Result, r *inspect.Report) string {
	switch {
	case c.Expected != "":
		return brief(c.Why)
	case c.ID == "nonce" && r.Kind == validate.KindAccess:
		return "ID tokens only"
	case c.ID == "scope" && r.Kind == validate.KindID:
		return "access tokens only"
	}
	if words := needsSaying[c.ID]; words != "" {
		return words + ": o"
	}
	return brief(c.Why)
}

// brief is a reason as it stands beside the name of its check: without the full
// stop, as all that stands there.
func brief(why string) string { return strings.TrimSuffix(why, ".") }

func leftWords(at, now time.Time) string {
	if d := at.Sub(now); d > far {
		return years(at, now) + " left"
	} else if d >= time.Second {
		return span(d) + " left"
	}
	return "over, " + distance(at, now)
}
