package engine

import "testing"

// TestCheckAddress: what is typed must be an address, without a password in it.
func TestCheckAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"https://api.example/v1": true, "http://127.0.0.1:8080": true, "https://user:pw@api.example/": false, "https://user@api.example": false,
		"file:///etc/passwd": false, "api.example": false, "https:///x": false, "": false,
		"https://login.micros\u043eft.example/x": false, "https://xn--microsft-sbh.example/x": true,
	} {
		if _, err := CheckAddress(address); (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
	}
}
