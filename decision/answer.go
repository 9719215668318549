package decision

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Answer is the answer to one question. The zero value is Unknown.
type Answer int8

// The answers. In a row of the table Unknown means that any answer will do.
const (
	Unknown Answer = iota // not answered yet
	Yes
	No
)

// ParseAnswer reads "yes", "y", "no", "n", and "any" or nothing at all for
// Unknown, in any letter case.
func ParseAnswer(s string) (Answer, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "y":
		return Yes, nil
	case "no", "n":
		return No, nil
	case "any", "":
		return Unknown, nil
	}
	return Unknown, fmt.Errorf("unknown answer %q: use yes, no or any", shorten(s))
}

// String returns "yes", "no" or "any"; ParseAnswer reads each of them back.
func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "any"
}

// MarshalJSON writes "yes", "no", or null for Unknown.
func (a Answer) MarshalJSON() ([]byte, error) {
	if a == Unknown {
		return []byte("null"), nil
	}
	return json.Marshal(a.String())
}

// UnmarshalJSON reads what MarshalJSON writes, and the short forms of
// ParseAnswer.
func (a *Answer) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if s == nil {
		*a = Unknown
		return nil
	}
	v, err := ParseAnswer(*s)
	if err != nil {
		return err
	}
	*a = v
	return nil
}

// Question is one of the three questions about a client.
type Question int8

// The questions, in the order in which they are asked.
const (
	Person Question = iota
	Secret
	Browser
)

// Questions returns the three questions in order. The slice is the caller's
// own.
func Questions() []Question { return []Question{Person, Secret, Browser} }

// String returns the question's short name: person, secret or browser. It is
// the name of the flag and of the JSON member too.
func (q Question) String() string {
	switch q {
	case Person:
		return "person"
	case Secret:
		return "secret"
	case Browser:
		return "browser"
	}
	return fmt.Sprintf("question %d", int8(q))
}

// Text returns the question as it is asked.
func (q Question) Text() string {
	switch q {
	case Person:
		return "Is a person present at sign-in?"
	case Secret:
		return "Can your code keep a secret from the user?"
	case Browser:
		return "Does your client have a browser?"
	}
	return ""
}

// Help returns one sentence that goes under the question: what the answer
// means, or, for Unknown, what to look at in order to answer.
func (q Question) Help(a Answer) string {
	switch q {
	case Person:
		return pick(a,
			"Will somebody be there to sign in when it runs?",
			"Somebody is there to sign in.",
			"It runs by itself: a service, a job, a daemon.")
	case Secret:
		return pick(a,
			"Does it run where only you can look?",
			"It runs on your server: the user never gets to see inside.",
			"It ships to the user's machine: anything in it can be read.")
	case Browser:
		return pick(a,
			"Can it open one and be called back?",
			"It can open one, and the answer finds its way back.",
			"Nothing to show a page in: a terminal, a TV, an API.")
	}
	return ""
}

func pick(a Answer, unknown, yes, no string) string {
	switch a {
	case Yes:
		return yes
	case No:
		return no
	}
	return unknown
}

// Answers are the answers to the three questions. The zero value has none.
type Answers struct {
	Person  Answer `json:"person"`
	Secret  Answer `json:"secret"`
	Browser Answer `json:"browser"`
}

// With returns a copy in which the question has this answer. A value that is
// no question changes nothing.
func (as Answers) With(q Question, a Answer) Answers {
	switch q {
	case Person:
		as.Person = a
	case Secret:
		as.Secret = a
	case Browser:
		as.Browser = a
	}
	return as
}

// Get returns the answer to the question, Unknown for a value that is none.
func (as Answers) Get(q Question) Answer {
	switch q {
	case Person:
		return as.Person
	case Secret:
		return as.Secret
	case Browser:
		return as.Browser
	}
	return Unknown
}

// Complete says whether all three questions are answered. Less can be enough:
// see Result.Next.
func (as Answers) Complete() bool {
	return as.Person != Unknown && as.Secret != Unknown && as.Browser != Unknown
}
