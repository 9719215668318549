package trace

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// Clone gives a copy that shares nothing with r.
func (r Response) Clone() Response {
	r.Header = r.Header.Clone()
	r.Body = append([]byte(nil), r.Body...)
	return r
}

// ApplyAnswer gives the answer as the change leaves it. The receiver's answer is
// not touched. What does not fit the answer (a member of a body that is no JSON,
// say) changes nothing.
func (c Change) ApplyAnswer(r Response) Response {
	r = r.Clone()
	for _, op := range c.Ops {
		switch op.Place {
		case Status:
			if n, err := strconv.Atoi(op.Value); err == nil && op.Verb == Set {
				r.Status = n
			}
		case Body:
			if op.Verb == Set {
				r.Body = []byte(op.Value)
			}
		case Header:
			r = answerHeader(r, op)
		case Query:
			r = answerLocation(r, op)
		case JSON:
			r.Body = member(r.Body, op)
		case Claim:
			r.Body = claim(r.Body, op)
		}
	}
	return r
}

func answerHeader(r Response, op Op) Response {
	req := Request{Header: r.Header}.WithHeader(op.Name, op.Value, op.Verb == Drop)
	r.Header = req.Header
	return r
}

// answerLocation changes a parameter of the redirect that an answer is.
func answerLocation(r Response, op Op) Response {
	location := r.Header.Get("Location")
	if location == "" {
		return r
	}
	req := Request{URL: location}
	r.Header.Set("Location", req.WithQuery(applyPairs(req.QueryParams(), op)).URL)
	return r
}

// member changes one member of a JSON object and leaves the order and the
// writing of all others alone.
func member(body []byte, op Op) []byte {
	names, values, ok := members(body)
	if !ok {
		return body
	}
	seen := false
	var out bytes.Buffer
	write := func(name string, value []byte) {
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.Write(jsonText(name))
		out.WriteByte(':')
		out.Write(value)
	}
	for i, name := range names {
		if name != op.Name {
			write(name, values[i])
			continue
		}
		seen = true
		switch op.Verb {
		case Drop:
		case Garble:
			var old string
			if json.Unmarshal(values[i], &old) != nil {
				old = string(values[i])
			}
			write(name, jsonText(GarbleText(old)))
		case Set:
			write(name, alike(values[i], op.Value))
		default:
			write(name, values[i])
		}
	}
	if !seen && op.Verb == Set {
		write(op.Name, jsonText(op.Value))
	}
	return append(append([]byte{'{'}, out.Bytes()...), '}')
}

// members reads a JSON object in order.
func members(body []byte) (names []string, values []json.RawMessage, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, false
	}
	for dec.More() {
		t, err := dec.Token()
		name, isName := t.(string)
		var value json.RawMessage
		if err != nil || !isName || dec.Decode(&value) != nil {
			return nil, nil, false
		}
		names, values = append(names, name), append(values, value)
	}
	_, err := dec.Token()
	return names, values, err == nil
}

// alike writes a value as JSON: in place of a number, a truth value, a list or an
// object, text that reads as JSON is taken as it stands, so that a number stays a
// number.
func alike(old json.RawMessage, s string) []byte {
	if len(old) > 0 && old[0] != '"' && json.Valid([]byte(s)) {
		return []byte(s)
	}
	return jsonText(s)
}

func jsonText(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return []byte(`""`)
	}
	return bytes.TrimSpace(b.Bytes())
}

// claim changes one claim of a token in a JSON body. The signature stays as it
// was, and so fits no more: that is what the change is for.
func claim(body []byte, op Op) []byte {
	token, name, ok := strings.Cut(op.Name, ".")
	if !ok {
		return body
	}
	names, values, ok := members(body)
	if !ok {
		return body
	}
	for i, n := range names {
		var jwt string
		if n != token || json.Unmarshal(values[i], &jwt) != nil {
			continue
		}
		return member(body, Op{Verb: Set, Place: JSON, Name: token, Value: jwtClaim(jwt, name, op)})
	}
	return body
}

// jwtClaim changes one claim of a token in compact form (RFC 7515 section 3.1);
// what is none stays as it is.
func jwtClaim(jwt, name string, op Op) string {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return jwt
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return jwt
	}
	op.Name = name
	parts[1] = base64.RawURLEncoding.EncodeToString(member(payload, op))
	return strings.Join(parts, ".")
}

// LocationParams gives the parameters of the redirect that an answer is, query
// and fragment, in order.
func (r Response) LocationParams() []Param {
	location := r.Header.Get("Location")
	u, err := url.Parse(location)
	if location == "" || err != nil {
		return nil
	}
	return append(parsePairs(Query, u.RawQuery), parsePairs(Query, u.EscapedFragment())...)
}
