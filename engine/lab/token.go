package lab

import (
	"io"
	"mime"
	"net/http"
	"net/url"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/directory"
	"flowscope/engine/lab/grants"
)

// maxBody bounds a form.
const maxBody = 256 << 10

const formType = "application/x-www-form-urlencoded"

func parse(text string) (url.Values, *aadsts.Error) {
	q, err := url.ParseQuery(text)
	if err != nil {
		return nil, aadsts.New(9002313).Because("", "the parameters can't be read: %v", err)
	}
	return q, nil
}

// body reads a form. A body of any other type counts as an empty form, which
// is how Entra comes to answer it with a missing parameter.
func (v *visit) body() (url.Values, *aadsts.Error) {
	if !v.isForm() {
		return url.Values{}, nil
	}
	raw, err := io.ReadAll(io.LimitReader(v.r.Body, maxBody+1))
	if err != nil || len(raw) > maxBody {
		return nil, aadsts.New(9002313).Because("", "the body is longer than %d bytes, or broke off", maxBody)
	}
	return parse(string(raw))
}

func (v *visit) isForm() bool {
	kind, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	return err == nil && kind == formType && v.r.Body != nil
}

// token is the token endpoint, of the v2.0 or the v1.0 endpoints.
func (v *visit) token(v1 bool) {
	origin := v.r.Header.Get("Origin")
	if v.r.Method == http.MethodOptions {
		v.allow(origin)
		v.w.WriteHeader(http.StatusNoContent)
		return
	}
	response, client, err := v.redeem(origin, v1)
	// A web or native client is told nothing about CORS; anyone else must be
	// able to read the answer, errors included.
	if client.ClientID == "" || client.HasPlatform(directory.PlatformSPA) {
		v.allow(origin)
	}
	v.serviceCookies()
	if err != nil {
		if v1 && err.Code == 50055 {
			err.ChangeURL = v.base + "/ChangePassword.aspx"
		}
		v.failJSON(err)
		return
	}
	v.json(http.StatusOK, response.Body())
}

func (v *visit) redeem(origin string, v1 bool) (grants.Response, directory.App, *aadsts.Error) {
	req, err := v.backChannel("POST, OPTIONS", v1)
	if err != nil {
		return grants.Response{}, directory.App{}, err
	}
	if origin != v.base {
		req.Origin = origin
	}
	if id, key, ok := v.r.BasicAuth(); ok {
		req.BasicID, req.BasicKey = unescape(id), unescape(key)
	}
	response, client, err := v.grants.Token(req)
	return response, client, v.unread(err)
}

// backChannel reads a request that a client makes by itself. methods are those
// that the address answers.
func (v *visit) backChannel(methods string, v1 bool) (grants.Request, *aadsts.Error) {
	req := grants.Request{Base: v.base, V1: v1, IP: v.ip()}
	if v.r.Method != http.MethodPost {
		return req, aadsts.New(900561, methods, v.r.Method).Because("method", "the method is %s", v.r.Method)
	}
	var err *aadsts.Error
	if req.Authority, err = v.authority(v.segment); err != nil {
		return req, err
	}
	req.Form, err = v.body()
	return req, err
}

// unread gives the true reason for a missing parameter in a body that was not
// read at all.
func (v *visit) unread(err *aadsts.Error) *aadsts.Error {
	if err != nil && err.Code == 900144 && !v.isForm() {
		err = err.Because("Content-Type", "the body is not %s, so no parameter in it was read", formType)
	}
	return err
}

// unescape undoes the form encoding of the two halves of a Basic header (RFC
// 6749 section 2.3.1); a text that is not encoded stays.
func unescape(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}

// allow sets the CORS headers for an origin.
func (v *visit) allow(origin string) {
	h := v.w.Header()
	h.Add("Vary", "Origin")
	if origin == "" {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", "POST, OPTIONS")
	h.Set("Access-Control-Expose-Headers", "Content-Length, Content-Encoding, client-request-id, x-ms-request-id, x-ms-clitelem")
	if asked := v.r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
}

// serviceCookies are those that Entra sets beside every answer. They carry
// nothing.
func (v *visit) serviceCookies() {
	v.cookie("fpc", v.ids.Opaque(18), 30*24*60*60)
	v.cookie("x-ms-gateway-slice", "estsfd", 0)
	v.cookie("stsservicecookie", "estsfd", 0)
}
