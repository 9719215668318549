package fault

import (
	"flowscope/engine"
	"flowscope/engine/trace"
)

// breaks lets an exchange break before it leaves, as trouble of this kind would.
func breaks(p trace.Purpose, kind trace.ErrKind, label, words string) func(engine.Job) []trace.Change {
	return ops(p, label, trace.Op{Verb: trace.Fail, Name: string(kind), Value: words})
}

// networkFaults are troubles on the way, and a service that is busy. It is long because it is a table.
func networkFaults() []Fault {
	return []Fault{
		{
			ID: "connection-refused", Title: "Find nobody listening", Group: Network, Flows: onStart, Purpose: trace.TokenCall,
			Changes: breaks(trace.TokenCall, trace.NoListener, "connection refused", "dial tcp: connect: connection refused"),
			Says:    "lets the connection be refused", Predicts: "transport",
			Lesson: "No server has judged the request: nothing in it has to change.",
		},
		{
			ID: "name-not-found", Title: "Fail to resolve the host's name", Group: Network, Flows: onMetadata, Purpose: trace.Metadata,
			Changes: breaks(trace.Metadata, trace.NoName, "name not found", "dial tcp: lookup: no such host"),
			Says:    "lets the name service know no such host", Predicts: "transport",
			Lesson: "A name that can't be resolved is misspelt, or this machine is offline.",
		},
		{
			ID: "tls-untrusted", Title: "Meet a certificate nobody trusts", Group: Network, Flows: onMetadata, Purpose: trace.Metadata,
			Changes: breaks(trace.Metadata, trace.Untrusted, "a certificate that is not trusted", "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
			Says:    "presents a certificate of an unknown authority", Predicts: "transport",
			Lesson: "A proxy that opens TLS needs its authority trusted here; switching the check off lets everybody read the secret.",
		},
		{
			ID: "tls-wrong-host", Title: "Meet a certificate for other names", Group: Network, Flows: onMetadata, Purpose: trace.Metadata,
			Changes: breaks(trace.Metadata, trace.WrongName, "a certificate for another host", "tls: failed to verify certificate: x509: certificate is valid for portal.hotel.example, not for the host that was asked"),
			Says:    "presents a certificate for another host", Predicts: "transport",
			Lesson: "Somebody else answered: nothing was sent to them, and nothing must be.",
		},
		{
			ID: "timeout", Title: "Wait for an answer that does not come", Group: Network, Flows: onStart, Purpose: trace.TokenCall,
			Changes: breaks(trace.TokenCall, trace.TimedOut, "no answer in time", "net/http: timeout awaiting response headers"),
			Says:    "lets the answer not come in time", Predicts: "transport",
			Lesson: "The server may have acted on the request all the same: a code that was sent counts as used, so begin again.",
		},
		{
			ID: "cut-off", Title: "Lose the connection in the middle", Group: Network, Flows: onStart, Purpose: trace.TokenCall,
			Changes: breaks(trace.TokenCall, trace.CutOff, "the connection is closed", "unexpected EOF"),
			Says:    "closes the connection before the answer has ended", Predicts: "transport",
			Lesson: "Half an answer is none: take tokens from a whole one alone.",
		},
		{
			ID: "proxy-refused", Title: "Be refused by the proxy", Group: Network, Flows: onMetadata, Purpose: trace.Metadata,
			Changes: breaks(trace.Metadata, trace.ProxyDenied, "refused by the proxy", "proxyconnect tcp: Forbidden"),
			Says:    "lets the proxy refuse the way to the host", Predicts: "transport",
			Lesson: "403 from a proxy is not the authorization server's: look at who speaks.",
		},
		{
			ID: "throttled", Title: "Ask too often", Group: Network, Flows: onStart, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "429 with Retry-After", set(trace.Status, "", "429"), set(trace.Header, "Retry-After", "5"), set(trace.Header, "Content-Type", "text/plain"), set(trace.Body, "", "")),
			Says:    "answers 429 with Retry-After: 5", Predicts: "HTTP 429",
			Lesson: "Wait as long as Retry-After says, and keep tokens until they expire: most throttling is a missing cache.",
		},
		{
			ID: "throttled-entra", Title: "Be throttled by Entra ID", Group: Network, Flows: onStart, Purpose: trace.TokenCall,
			Conditions: condition("throttled", "5s", trace.TokenCall),
			Says:       "lets the tenant have had too many requests", Predicts: "AADSTS90055",
			Lesson: "Entra ID says 429 with Retry-After and a code of its own; a loop without a pause makes it last.",
		},
		{
			ID: "outage", Title: "Meet a service that is down", Group: Network, Flows: onStart, Purpose: trace.TokenCall,
			Changes: answers(trace.TokenCall, "503", set(trace.Status, "", "503"), set(trace.Header, "Retry-After", "10"), set(trace.Header, "Content-Type", "text/plain"), set(trace.Body, "", "")),
			Says:    "answers 503", Predicts: "HTTP 503",
			Lesson: "A server error says nothing about the request: wait, then send the same again.",
		},
	}
}
