package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"flowscope/engine/trace"
)

// Errors of an edit at the prompt.
var (
	errEdit = errors.New("e NAME=VALUE gives a parameter another value; nothing was changed")
	errDrop = errors.New("d NAME drops a parameter; nothing was changed")
	errSet  = errors.New("set NAME=VALUE changes a member of the answer; nothing was changed")
)

// edit gives the request as the word e or d and its rest leave it.
func edit(r trace.Request, word, rest string) (trace.Request, error) {
	place, rest := placeOf(rest)
	name, value, isPair := strings.Cut(rest, "=")
	name = strings.TrimSpace(name)
	if word == "d" {
		if name == "" || isPair {
			return r, errDrop
		}
		found, ok := placed(r, place, name)
		if !ok {
			return r, fmt.Errorf("there is no %s in this request; nothing was changed", short(name))
		}
		return apply(r, trace.Op{Verb: trace.Drop, Place: found.Place, Name: found.Name}), nil
	}
	if name == "" || !isPair {
		return r, errEdit
	}
	if found, ok := placed(r, place, name); ok {
		return apply(r, trace.Op{Verb: trace.Set, Place: found.Place, Name: found.Name, Value: strings.TrimSpace(value)}), nil
	}
	if place == "" {
		place = trace.Query
		if r.IsForm() {
			place = trace.Form
		}
	}
	if place == trace.Form && !r.IsForm() {
		return r, errors.New("this request has no form; nothing was changed")
	}
	return apply(r, trace.Op{Verb: trace.Set, Place: place, Name: name, Value: strings.TrimSpace(value)}), nil
}

func apply(r trace.Request, op trace.Op) trace.Request {
	return trace.Change{Ops: []trace.Op{op}}.Apply(r)
}

// placeOf splits a place off the front: "header:Origin=x".
func placeOf(text string) (trace.Place, string) {
	before, behind, ok := strings.Cut(text, ":")
	if ok {
		for _, p := range []trace.Place{trace.Query, trace.Fragment, trace.Form, trace.Header} {
			if strings.EqualFold(before, string(p)) {
				return p, behind
			}
		}
	}
	return "", text
}

// placed finds a parameter of a request by name: in the form, in the query, in
// the headers, or only where place says.
func placed(r trace.Request, place trace.Place, name string) (trace.Param, bool) {
	for _, p := range slices.Concat(r.FormParams(), r.QueryParams(), r.FragmentParams(), r.HeaderParams()) {
		same := p.Name == name || p.Place == trace.Header && strings.EqualFold(p.Name, name)
		if same && (place == "" || place == p.Place) {
			return p, true
		}
	}
	return trace.Param{}, false
}

// editAnswer gives the answer as a word of the prompt and its rest leave it.
func editAnswer(r trace.Response, word, rest string) (trace.Response, error) {
	if word == "status" {
		n, err := strconv.Atoi(rest)
		if err != nil || n < 100 || n > 599 {
			return r, errors.New("status takes a number from 100 to 599; nothing was changed")
		}
		r.Status = n
		return r, nil
	}
	place, rest := placeOf(rest)
	name, value, isPair := strings.Cut(rest, "=")
	name = strings.TrimSpace(name)
	if name == "" || word == "set" && !isPair || word == "drop" && isPair {
		return r, errSet
	}
	op := trace.Op{Verb: trace.Set, Place: answerPlace(r, place, name), Name: name, Value: strings.TrimSpace(value)}
	if word == "drop" {
		op.Verb = trace.Drop
	}
	next := trace.Change{Answer: true, Ops: []trace.Op{op}}.ApplyAnswer(r)
	if next.Status == r.Status && bytes.Equal(next.Body, r.Body) && next.Header.Get("Location") == r.Header.Get("Location") && sameHeader(next.Header, r.Header, name) {
		return r, fmt.Errorf("that changes nothing in this answer: it has no place for %s", short(name))
	}
	return next, nil
}

func sameHeader(a, b http.Header, name string) bool { return a.Get(name) == b.Get(name) }

// answerPlace says where a name of an answer stands: in its redirect, as a claim
// of a token in it, or in its JSON.
func answerPlace(r trace.Response, place trace.Place, name string) trace.Place {
	token, _, dotted := strings.Cut(name, ".")
	switch {
	case place != "":
		return place
	case r.Header.Get("Location") != "":
		return trace.Query
	case dotted && find(jsonParams(r.Body), token) != nil:
		return trace.Claim
	case len(jsonParams(r.Body)) > 0:
		return trace.JSON
	}
	return trace.Header
}

// jsonParams gives the members of a JSON object as parameters, strings without
// their quotes; nothing for what is no object.
func jsonParams(body []byte) []trace.Param {
	dec := json.NewDecoder(bytes.NewReader(body))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var out []trace.Param
	for dec.More() {
		t, err := dec.Token()
		name, isName := t.(string)
		var raw json.RawMessage
		if err != nil || !isName || dec.Decode(&raw) != nil {
			return out
		}
		value := string(raw)
		var text string
		if json.Unmarshal(raw, &text) == nil {
			value = text
		}
		out = append(out, trace.Param{Place: trace.JSON, Name: name, Value: value})
	}
	return out
}

func find(params []trace.Param, name string) *trace.Param {
	for i := range params {
		if params[i].Name == name {
			return &params[i]
		}
	}
	return nil
}

// shownHeaders are the headers of a request that mean something to its flow; a
// library's own are left out, and so is what every request has.
func shownHeaders(r trace.Request) []trace.Param {
	return slices.DeleteFunc(r.HeaderParams(), func(p trace.Param) bool {
		name := strings.ToLower(p.Name)
		return strings.HasPrefix(name, "x-client-") || strings.HasPrefix(name, "x-ms-") ||
			slices.Contains([]string{"accept", "content-type", "client-request-id", "return-client-request-id", "content-length", "user-agent", "x-anchormailbox"}, name)
	})
}

// withoutQuery is an address up to its query: the parameters are written below.
func withoutQuery(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}
