package validate

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Type is the JSON type of a Value.
type Type uint8

// The JSON types (RFC 8259 section 3). The zero Type is no value at all.
const (
	TypeNone Type = iota
	TypeNull
	TypeBool
	TypeNumber
	TypeString
	TypeArray
	TypeObject
)

// String returns the name of the type as a sentence would use it.
func (t Type) String() string {
	switch t {
	case TypeNull:
		return "null"
	case TypeBool:
		return "a boolean"
	case TypeNumber:
		return "a number"
	case TypeString:
		return "a string"
	case TypeArray:
		return "an array"
	case TypeObject:
		return "an object"
	}
	return "nothing"
}

// Value is one JSON value, kept as it was written.
type Value struct {
	// Type is the JSON type.
	Type Type
	// Raw is the text of the value exactly as received, numbers with all their digits.
	Raw  string
	text string
}

// Text returns the characters of a string with its escapes resolved, and the
// raw text of any other value.
func (v Value) Text() string {
	if v.Type == TypeString {
		return v.text
	}
	return v.Raw
}

// Bool reports whether v is the literal true.
func (v Value) Bool() bool { return v.Type == TypeBool && v.Raw == "true" }

// Array returns the elements of an array; false for any other type.
func (v Value) Array() ([]Value, bool) {
	if v.Type != TypeArray {
		return nil, false
	}
	s := newScanner(v.Raw)
	return s.elements()
}

// Strings returns the elements of an array of strings; false when v is no
// array or holds anything else.
func (v Value) Strings() ([]string, bool) {
	values, ok := v.Array()
	if !ok {
		return nil, false
	}
	out := make([]string, 0, len(values))
	for _, e := range values {
		if e.Type != TypeString {
			return nil, false
		}
		out = append(out, e.text)
	}
	return out, true
}

// Object returns the members of an object; false for any other type.
func (v Value) Object() (*Object, bool) {
	if v.Type != TypeObject {
		return nil, false
	}
	o, err := ParseObject([]byte(v.Raw))
	return o, err == nil
}

// MarshalJSON gives back the text as received.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.Type == TypeNone {
		return []byte("null"), nil
	}
	return []byte(v.Raw), nil
}

// Member is one name and its value, in the place where the object had it.
type Member struct {
	// Name is the member's name with its escapes resolved.
	Name string
	// Value is the value as written.
	Value Value
}

// Object is a JSON object with its members in the order received. Duplicates
// are kept, so that they can be shown. A nil Object has no members.
type Object struct {
	members []Member
	cut     bool // reading stopped before its closing bracket
}

// Whole reports whether the object was read to its end. Where it was not, a
// member that is missing may still have been there. A nil Object is not whole.
func (o *Object) Whole() bool { return o != nil && !o.cut }

// Len returns how many members there are, duplicates counted.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.members)
}

// At returns the member at index i, which must be at least 0 and below Len.
func (o *Object) At(i int) Member { return o.members[i] }

// Members returns a copy of the members in order.
func (o *Object) Members() []Member {
	if o == nil {
		return nil
	}
	return append([]Member(nil), o.members...)
}

// Get returns the first member called name; names are compared exactly.
func (o *Object) Get(name string) (Value, bool) {
	if o == nil {
		return Value{}, false
	}
	for i := range o.members {
		if o.members[i].Name == name {
			return o.members[i].Value, true
		}
	}
	return Value{}, false
}

// Has reports whether there is a member called name, whatever its type.
func (o *Object) Has(name string) bool {
	_, ok := o.Get(name)
	return ok
}

// String returns the text of the member called name when it is a string, else "".
func (o *Object) String(name string) string {
	v, _ := o.Get(name)
	return v.text
}

// Strings returns an array of strings called name; a lone string counts as an
// array of one, as "aud" allows (RFC 7519 section 4.1.3).
func (o *Object) Strings(name string) []string {
	v, _ := o.Get(name)
	if v.Type == TypeString {
		return []string{v.text}
	}
	out, _ := v.Strings()
	return out
}

// MarshalJSON writes the members in the order received, values untouched.
func (o *Object) MarshalJSON() ([]byte, error) {
	if o == nil {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o.members {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.WriteString(m.Value.Raw)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Fault is one thing wrong with the text of a token or of a JSON document.
type Fault struct {
	// Part is where it was found: "token", "header", "claims", "signature" or "document".
	Part string
	// Name is the member concerned, "" where none is.
	Name string
	// Problem says what is wrong, as a clause.
	Problem string
	// Offset is the byte within the decoded part, -1 where that has no meaning.
	Offset int
}

// Error tells part, place and problem in one line.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Part)
	if f.Name != "" {
		b.WriteString(" member ")
		b.WriteString(strconv.Quote(printable(f.Name, 64)))
	}
	b.WriteString(": ")
	b.WriteString(f.Problem)
	if f.Offset >= 0 {
		b.WriteString(" (byte ")
		b.WriteString(strconv.Itoa(f.Offset))
		b.WriteByte(')')
	}
	return b.String()
}

// Faults is a list of faults; it is an error when it is not empty.
type Faults []Fault

// Error joins the faults with semicolons.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i := range f {
		parts[i] = f[i].Error()
	}
	return strings.Join(parts, "; ")
}

// ParseObject reads one JSON object strictly (RFC 8259): valid UTF-8, no
// duplicate names at any level, nesting up to 64, nothing after the object.
// On an error, a Faults, the object still holds what could be read.
func ParseObject(data []byte) (*Object, error) {
	if len(data) > MaxToken {
		return nil, Faults{{Part: "document", Problem: "is larger than 1 MiB", Offset: -1}}
	}
	s := newScanner(string(data))
	s.part = "document"
	o := new(Object)
	s.document(o)
	if len(s.faults) > 0 {
		return o, s.faults
	}
	return o, nil
}
