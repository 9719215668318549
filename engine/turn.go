package engine

import "time"

// Turn says that the run waits for what a person does outside the program: types
// a code on another device, or signs in with the browser.
type Turn struct {
	What  string    // what to do, one sentence
	URL   string    // where
	Code  string    // what to type there; empty: nothing
	Until time.Time // when the wait ends by itself; zero: not known
	Next  time.Time // when the program asks again; zero: it does not
	Asked int       // how often it has asked
}
