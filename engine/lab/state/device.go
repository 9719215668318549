package state

import "time"

// DeviceLife is how long a device code can be used (Entra: v2-oauth2-device-code).
const DeviceLife = 15 * time.Minute

// Stages of a device code.
const (
	DevicePending  = iota // nobody has decided yet
	DeviceApproved        // someone signed in and accepted
	DeviceDeclined
	DeviceRedeemed
)

// Device is what a device code stands for (RFC 8628).
type Device struct {
	UserCode  string
	ClientID  string
	Authority string // directory.Authority.Key of the request
	Scope     string // as asked; empty at the v1.0 endpoint
	Resource  string // resource parameter of a v1.0 request
	V1        bool
	Claims    string // claims parameter, a JSON text
	Issued    time.Time

	Stage  int
	Person Person // who approved
	Auth   Auth
}

// Expired reports whether the code is past its life.
func (d Device) Expired(now time.Time) bool { return now.Sub(d.Issued) >= DeviceLife }

// PutDevice keeps a device code. When there are too many, the oldest goes.
// Codes are remembered past their life, so that a late poll is told from
// garbage.
func (s *State) PutDevice(code string, d Device) {
	s.devices.put(code, d, time.Time{})
	s.userCode.put(d.UserCode, code, d.Issued.Add(DeviceLife))
}

// Device looks a device code up; it may be expired, declined or redeemed.
func (s *State) Device(code string) (Device, bool) { return s.devices.get(code, time.Time{}) }

// DeviceCode finds the device code of a user code that has not expired.
func (s *State) DeviceCode(userCode string, now time.Time) (string, bool) {
	return s.userCode.get(userCode, now)
}

// DecideDevice approves or declines a pending device code. Of several calls
// only the first gets true.
func (s *State) DecideDevice(code string, approve bool, p Person, a Auth) bool {
	return s.devices.change(code, time.Time{}, func(d *Device) bool {
		if d.Stage != DevicePending {
			return false
		}
		d.Stage, d.Person, d.Auth = DeviceDeclined, p, a
		if approve {
			d.Stage = DeviceApproved
		}
		return true
	})
}

// RedeemDevice marks an approved device code as used. Of several calls only
// one gets true.
func (s *State) RedeemDevice(code string) bool {
	return s.devices.change(code, time.Time{}, func(d *Device) bool {
		ok := d.Stage == DeviceApproved
		if ok {
			d.Stage = DeviceRedeemed
		}
		return ok
	})
}
