package grants

import (
	"fmt"
	"strconv"
	"time"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/policy"
	"flowscope/engine/lab/scope"
	"flowscope/engine/lab/state"
	"flowscope/engine/lab/tokens"
)

// deviceInterval is how long a client should wait between two polls. Who
// comes earlier is served all the same: MSAL for Go starts at 50 ms.
const deviceInterval = 5 * time.Second

// DeviceResponse answers a device authorization request (RFC 8628 section
// 3.2), with the members in Entra's order. There is no
// verification_uri_complete.
type DeviceResponse struct {
	UserCode        string `json:"user_code"`
	DeviceCode      string `json:"device_code"`
	VerificationURI string `json:"verification_uri"`
	ExpiresIn       int    `json:"expires_in"`
	Interval        int    `json:"interval"`
	Message         string `json:"message"`

	v1 bool
}

// Body is what is written as JSON. The v1.0 endpoint has strings alone, and
// another name for the address.
func (r DeviceResponse) Body() any {
	if !r.v1 {
		return r
	}
	return struct {
		UserCode        string `json:"user_code"`
		DeviceCode      string `json:"device_code"`
		VerificationURL string `json:"verification_url"`
		ExpiresIn       string `json:"expires_in"`
		Interval        string `json:"interval"`
		Message         string `json:"message"`
	}{r.UserCode, r.DeviceCode, r.VerificationURI, strconv.Itoa(r.ExpiresIn), strconv.Itoa(r.Interval), r.Message}
}

// Device answers a device authorization request. The page where the user code
// is typed is at {base}/common/oauth2/deviceauth; Entra's own has an address
// on another host.
func (s *Server) Device(req Request) (DeviceResponse, *aadsts.Error) {
	x := &exchange{Server: s, req: req, proof: tokens.ProofNone}
	var wanted scope.Request
	rows := []func() *aadsts.Error{
		x.wellFormed, x.identify, x.publicFlows,
		func() (err *aadsts.Error) { wanted, err = (&delegated{exchange: x}).ask(asked{}); return err },
		func() *aadsts.Error {
			if len(wanted.Resources(s.Directory)) > 1 {
				return aadsts.New(700022, wanted.Text).Because("scope", "the scope names more than one API")
			}
			return nil
		},
		func() *aadsts.Error { _, err := policy.ReadClaims(req.Form.Get("claims")); return err },
	}
	for _, row := range rows {
		if err := row(); err != nil {
			return DeviceResponse{}, err
		}
	}
	d := state.Device{
		UserCode: s.userCode(), ClientID: x.client.ClientID, Authority: req.Authority.Key(), Scope: req.Form.Get("scope"),
		V1: req.V1, Claims: req.Form.Get("claims"), Issued: s.Clock(),
	}
	if req.V1 {
		d.Scope, d.Resource = "", req.Form.Get("resource")
	}
	r := DeviceResponse{
		UserCode: d.UserCode, DeviceCode: s.Mint.Opaque(), VerificationURI: req.Base + "/common/oauth2/deviceauth",
		ExpiresIn: int(state.DeviceLife / time.Second), Interval: int(deviceInterval / time.Second), v1: req.V1,
	}
	r.Message = fmt.Sprintf("Open %s in a browser and type the code %s there.", r.VerificationURI, r.UserCode)
	s.State.PutDevice(r.DeviceCode, d)
	return r, nil
}

// userCode makes nine capital letters without vowels, so that no word comes
// out: of 20 letters there are 5*10^11, and the bias of the modulus is small.
func (s *Server) userCode() string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ"
	code := s.Mint.IDs.Bytes(9)
	for i, b := range code {
		code[i] = letters[int(b)%len(letters)]
	}
	return string(code)
}

// deviceCode is one poll of a client that waits for its person (RFC 8628
// section 3.4).
type deviceCode struct {
	delegated
	code   string
	device state.Device
}

func (g *deviceCode) credential() *aadsts.Error { return g.publicFlows() }

func (g *deviceCode) platform() string { return "" }

func (g *deviceCode) body() *aadsts.Error {
	g.code = g.form("device_code")
	if g.code == "" && g.req.V1 {
		g.code = g.form("code") // as ADAL sent it
	}
	if g.code == "" {
		_, err := g.required("device_code")
		return err
	}
	d, ok := g.State.Device(g.code)
	switch {
	case !ok:
		return aadsts.New(70018).Because("device_code", "no such device code was issued")
	case d.ClientID != g.client.ClientID:
		return aadsts.New(70000).Because("device_code", "the device code was issued to another client")
	case d.Authority != g.req.Authority.Key():
		return aadsts.New(700005).Because("tenant", "the device code was asked for at /%s", d.Authority)
	case d.Stage == state.DeviceRedeemed:
		return aadsts.New(70020).Because("device_code", "the device code was redeemed before")
	case d.Stage == state.DeviceDeclined:
		// No number of Entra's is known for this one; the nearest is that of
		// a person who refuses to consent.
		return aadsts.New(65004).Named(aadsts.AuthorizationDeclined).Because("device_code", "the person declined")
	case d.Expired(g.Clock()):
		return aadsts.New(70019).Because("device_code", "the device code is older than %s", state.DeviceLife)
	case d.Stage == state.DevicePending && g.Policies.Conditions.On(conditions.SlowDown):
		return aadsts.New(70016).Named(aadsts.SlowDown).Because("device_code", "the lab was told to answer polls so")
	case d.Stage == state.DevicePending:
		return aadsts.New(70016).Because("device_code", "nobody has typed the user code %s yet, or signed in with it", d.UserCode)
	}
	g.device, g.who, g.auth = d, d.Person, known(d.Auth, d.Issued, g.req.IP)
	g.auth.DeviceCode = true
	return g.challenged(d.Claims)
}

func (g *deviceCode) before() asked {
	return asked{scope: g.device.Scope, resource: g.device.Resource, v1: g.device.V1}
}

func (g *deviceCode) scope() *aadsts.Error {
	r, err := g.ask(g.before())
	if err != nil {
		return err
	}
	if len(r.Resources(g.Directory)) > 1 {
		return aadsts.New(28000, r.Text).Because("scope", "the scope names more than one API")
	}
	return g.resolve(r)
}

func (g *deviceCode) respond() (Response, *aadsts.Error) {
	if !g.State.RedeemDevice(g.code) {
		return Response{}, aadsts.New(70020).Because("device_code", "another request redeemed the device code just now")
	}
	return g.issue(issuance{refresh: g.lasting(g.kept(), g.before())}), nil
}
