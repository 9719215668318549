package compare

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flowscope/engine/trace"
)

var aadsts = regexp.MustCompile(`AADSTS\d{4,7}`)

// code gives the AADSTS code in a text, and nothing where there is none.
func code(s string) string { return aadsts.FindString(s) }

// sentence says in words what a difference comes to, where it can.
func sentence(where Where, name string, a, b *string) string {
	lower := strings.ToLower(name)
	switch {
	case lower == "scope" || lower == "scp" || lower == "roles":
		return listWords(where, name, a, b)
	case lower == "error" || lower == "error_codes" || lower == "error_description":
		return errorSentence(a, b)
	case a == nil && where.Sent():
		return fmt.Sprintf("The second run sends %s; the first does not.", name)
	case b == nil && where.Sent():
		return fmt.Sprintf("The second run does not send %s.", name)
	case b == nil && strings.HasSuffix(lower, "_token"):
		return fmt.Sprintf("The second run gets no %s.", strings.ReplaceAll(lower, "_", " "))
	case a == nil && strings.HasSuffix(lower, "_token"):
		return fmt.Sprintf("Only the second run gets a %s.", strings.ReplaceAll(lower, "_", " "))
	case a == nil || b == nil:
		return ""
	}
	switch lower {
	case "aud":
		return "The token is for another audience."
	case "iss":
		return "Another issuer made it, or another version of the endpoint."
	case "tid":
		return "It comes from another tenant."
	case "sub", "oid", "upn", "preferred_username":
		return "Somebody else signed in."
	case "appid", "azp", "client_id":
		return "Another application asks."
	case "ver":
		return "The token has another version."
	case "redirect_uri":
		return "The redirect URI is another one."
	case "grant_type":
		return "Another grant is asked for."
	case "expires_in":
		return "The tokens live for another time."
	}
	return ""
}

// listWords compares two lists of words: the scope lost Orders.Read.
func listWords(where Where, name string, a, b *string) string {
	before, after := words(a), words(b)
	var lost, gained []string
	for _, w := range before {
		if !slices.Contains(after, w) {
			lost = append(lost, w)
		}
	}
	for _, w := range after {
		if !slices.Contains(before, w) {
			gained = append(gained, w)
		}
	}
	subject := name
	if where == Claim {
		subject = "token's " + name
	}
	switch {
	case len(lost) == 0 && len(gained) == 0:
		return "The order differs, and means nothing."
	case len(gained) == 0:
		return fmt.Sprintf("The %s lost %s.", subject, strings.Join(lost, " "))
	case len(lost) == 0:
		return fmt.Sprintf("The %s gained %s.", subject, strings.Join(gained, " "))
	}
	return fmt.Sprintf("The %s lost %s and gained %s.", subject, strings.Join(lost, " "), strings.Join(gained, " "))
}

// words reads a list of words: a scope with spaces, or a JSON array.
func words(s *string) []string {
	if s == nil {
		return nil
	}
	return strings.FieldsFunc(*s, func(r rune) bool { return strings.ContainsRune(` []",`, r) })
}

func errorSentence(a, b *string) string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		if c := code(*s); c != "" {
			return c
		}
		return *s
	}
	return errorWords(text(a), text(b))
}

func errorWords(before, after string) string {
	switch {
	case before == after:
		return ""
	case before == "":
		return short(after) + " in the second run, none in the first."
	case after == "":
		return short(before) + " is gone in the second run."
	}
	return short(after) + " in place of " + short(before) + "."
}

func short(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// statusWords says what another status means: an error in place of tokens.
func statusWords(a, b *trace.Response) string {
	before, after := came(a), came(b)
	if before == after || before == "" || after == "" {
		return ""
	}
	return after + " in place of " + before + "."
}

// came says what an answer is.
func came(r *trace.Response) string {
	body, ok := object(r.Body)
	if ok {
		for _, name := range []string{"error_description", "error"} {
			if v := body[name]; v != nil && (code(*v) != "" || name == "error") {
				if c := code(*v); c != "" {
					return c
				}
				return short(*v)
			}
		}
		if body["access_token"] != nil || body["id_token"] != nil {
			return "tokens"
		}
	}
	for _, p := range r.LocationParams() {
		if p.Name == "error" {
			return short(p.Value)
		}
	}
	if r.Header.Get("Location") != "" {
		return "a redirect to " + host(r.Header.Get("Location"))
	}
	if c := code(string(r.Body)); c != "" {
		return c
	}
	return fmt.Sprintf("HTTP %d", r.Status)
}
