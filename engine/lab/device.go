package lab

import (
	"net/http"

	"flowscope/engine/lab/aadsts"
	"flowscope/engine/lab/grants"
)

// deviceCode is the device authorization endpoint (RFC 8628 section 3.1), of
// the v2.0 or the v1.0 endpoints. mkt, which would choose the language of the
// message, is passed over.
func (v *visit) deviceCode(v1 bool) {
	response, err := v.startDevice(v1)
	v.serviceCookies()
	if err != nil {
		v.failJSON(err)
		return
	}
	v.json(http.StatusOK, response.Body())
}

func (v *visit) startDevice(v1 bool) (grants.DeviceResponse, *aadsts.Error) {
	req, err := v.backChannel("POST", v1)
	if err != nil {
		return grants.DeviceResponse{}, err
	}
	response, err := v.grants.Device(req)
	return response, v.unread(err)
}
