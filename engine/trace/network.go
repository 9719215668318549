package trace

import "time"

// ErrKind is the sort of trouble that kept an answer from coming, told from the
// structure of the error and never from its words.
type ErrKind string

// The kinds of trouble on the way.
const (
	NoName      ErrKind = "name"         // the name could not be resolved
	NoListener  ErrKind = "refused"      // the connection was refused: nothing listens there
	NoRoute     ErrKind = "unreachable"  // there is no way to that address
	Untrusted   ErrKind = "untrusted"    // nobody who is trusted here signed the certificate
	WrongName   ErrKind = "wrong-name"   // the certificate is for other names
	OutOfTime   ErrKind = "certificate"  // the certificate has expired or is not valid yet
	NoTLS       ErrKind = "tls"          // no TLS could be agreed on
	TimedOut    ErrKind = "timeout"      // it took too long; Phase says where
	NoProxy     ErrKind = "proxy"        // the proxy can't be reached
	ProxyDenied ErrKind = "proxy-denied" // the proxy refused to connect; Status says how
	CutOff      ErrKind = "cut-off"      // the connection ended before the answer did
	BadAnswer   ErrKind = "bad-answer"   // what came is no HTTP, or not in the encoding that it names
)

// Phase is how far a request has come when it broke.
type Phase string

// The phases of a request, in order.
const (
	AtName    Phase = "name"    // the host's address is looked up
	AtConnect Phase = "connect" // the connection is made
	AtTLS     Phase = "tls"     // it is secured
	AtHeader  Phase = "header"  // the request is out, the answer is waited for
	AtBody    Phase = "body"    // the answer has begun
)

// NetError is what is known of a request that got no answer.
type NetError struct {
	Kind  ErrKind
	Phase Phase
	Host  string // who was being reached: the host of the request, or the proxy
	// Status is the status of the answer that broke off, or of the proxy's; 0: none.
	Status int
	// Limit is how long that phase may take; 0: it was not for the time.
	Limit time.Duration
	// Of the certificate that was presented; empty where none came.
	Names               []string
	Signer              string // who signed it
	NotBefore, NotAfter time.Time
	At                  time.Time // this machine's time when it was judged
}
