package pages

import (
	"net/http"

	g "maragu.dev/gomponents"
)

// Form says where the form of a page goes, and which sign-in it belongs to.
type Form struct{ Action, Context string }

// Problem is what went wrong at the last try; empty for the first one.
type Problem struct{ Code, Message string }

// SignIn is the page that asks who it is.
type SignIn struct {
	Form
	Problem
	App      string
	Username string // filled in
}

// Accounts is the page on which one of several accounts is picked: for a
// sign-in, or for a sign-out.
type Accounts struct {
	Form
	App      string // empty for a sign-out
	Accounts []Account
}

// Account is one line of an account choice.
type Account struct{ ID, Username, Name, Place string }

// NewPassword is the page on which an expired password is changed.
type NewPassword struct {
	Form
	Problem
	Username string
}

// Factor is the page that asks for the second factor, or lets one be
// registered.
type Factor struct {
	Form
	Problem
	App, Username string
}

// Consent is the page that asks for permissions.
type Consent struct {
	Form
	App, Publisher, Username string
	Permissions              []Permission
	Admin                    bool // may consent for the organisation

	API string       // an API whose own permissions are consented to at once; empty for none
	Own []Permission // those permissions
}

// AdminConsent is the page on which an administrator consents for everyone.
type AdminConsent struct {
	Form
	App, Publisher, Username, Tenant string
	Delegated, Application           []Permission
}

// ConsentRequest is the page of a person who may not consent, and can ask an
// administrator to.
type ConsentRequest struct {
	Form
	Problem
	App, Publisher, Username string
	Permissions              []Permission
}

// Permission is one line of a consent page.
type Permission struct{ Title, Text string }

// DeviceCode is the page on which the code of another device is typed in.
type DeviceCode struct {
	Form
	Problem
	UserCode string // filled in
}

// DeviceConfirm is the page that asks whether the person meant that device.
type DeviceConfirm struct {
	Form
	App, Publisher, Username string
}

// SignedOut is the page after a sign-out.
type SignedOut struct {
	Lines  []string
	Frames []string // addresses of applications that are told so (front-channel logout)
	Origin []string // their origins
	Next   string   // address to go on to; empty for none
}

// Failure is a page for an error that must not be sent to the application
// (RFC 6749 section 4.1.2.1).
type Failure struct{ Code, Message, RequestID, CorrelationID, Timestamp string }

// Details are the lines that a person copies into a report.
func (f Failure) Details() string {
	return "Request Id: " + f.RequestID + "\nCorrelation Id: " + f.CorrelationID +
		"\nTimestamp: " + f.Timestamp + "\nMessage: " + f.Code + ": " + f.Message
}

// Field is one hidden input.
type Field struct{ Name, Value string }

func page(w http.ResponseWriter, title, place string, body g.Node) error {
	return write(w, sheet{status: http.StatusOK, title: title, place: place, body: body})
}

// Write draws the sign-in page.
func (p SignIn) Write(w http.ResponseWriter, place string) error {
	return page(w, "Sign in", place, p.body())
}

// Write draws the account choice.
func (p Accounts) Write(w http.ResponseWriter, place string) error {
	if p.App == "" {
		return page(w, "Sign out", place, p.signOut())
	}
	return page(w, "Pick an account", place, p.body())
}

// Write draws the page for a new password.
func (p NewPassword) Write(w http.ResponseWriter, place string) error {
	return page(w, "Update your password", place, p.body())
}

// Write draws the page that asks for the second factor.
func (p Factor) Write(w http.ResponseWriter, place string) error {
	return page(w, "Approve sign-in", place, p.body())
}

// WriteRegistration draws the page on which a second factor is registered.
func (p Factor) WriteRegistration(w http.ResponseWriter, place string) error {
	return page(w, "More information needed", place, p.registration())
}

// Write draws the consent page.
func (p Consent) Write(w http.ResponseWriter, place string) error {
	return page(w, "Permissions requested", place, p.body())
}

// Write draws the administrator's consent page.
func (p AdminConsent) Write(w http.ResponseWriter, place string) error {
	return page(w, "Permissions requested for your organisation", place, p.body())
}

// Write draws the page that asks for an administrator's approval.
func (p ConsentRequest) Write(w http.ResponseWriter, place string) error {
	return page(w, "Approval required", place, p.body())
}

// Write draws the page for a device code.
func (p DeviceCode) Write(w http.ResponseWriter, place string) error {
	return page(w, "Enter code", place, p.body())
}

// Write draws the question before a device is let in.
func (p DeviceConfirm) Write(w http.ResponseWriter, place string) error {
	title := "Are you trying to sign in to " + p.App + "?"
	return page(w, title, place, p.body(title))
}

// Write draws the page after a sign-out, which frames the applications that
// are told of it and nothing else. The caller must have found Next among the
// registered addresses: its scheme is not judged.
func (p SignedOut) Write(w http.ResponseWriter, place string) error {
	const title = "You signed out"
	return write(w, sheet{status: http.StatusOK, title: title, place: place, body: p.body(title), frames: p.Origin})
}

// Write draws the failure. Entra answers such requests with status 200.
func (f Failure) Write(w http.ResponseWriter, place string) error {
	return page(w, "Sign-in did not work", place, f.body())
}

// Notice draws a page of plain sentences.
func Notice(w http.ResponseWriter, status int, place, title string, lines ...string) error {
	return write(w, sheet{status: status, title: title, place: place, body: g.Group{heading(title), sentences(lines)}})
}

// FormPost draws the form that carries an authorization response to a redirect
// URI (OAuth 2.0 Form Post Response Mode). The caller must have found the
// address among the registered ones: its scheme is not judged.
func FormPost(w http.ResponseWriter, place, address string, fields []Field) error {
	return write(w, sheet{status: http.StatusOK, title: "Back to the application", place: place, body: handOver(address, fields), script: true})
}
