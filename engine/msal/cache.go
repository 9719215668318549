package msal

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"sync"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/cache"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

// errNoAccount says that the cache knows nobody.
var errNoAccount = errors.New("the library's cache knows no account: the answer held neither an ID token nor client_info")

// kept is the token cache of one MSAL client, for the length of a run. It lives
// in memory alone: nothing of it is ever written to a disk.
type kept struct {
	mu   sync.Mutex
	doc  []byte // MSAL's cache document, empty at first
	hide bool   // keep the access tokens back, so that a refresh is needed
}

// document is the part of MSAL's cache document that is read or written here.
type document struct {
	AccessToken  json.RawMessage           `json:"AccessToken,omitempty"`
	RefreshToken map[string]refreshEntry   `json:"RefreshToken,omitempty"`
	IDToken      json.RawMessage           `json:"IdToken,omitempty"`
	Account      map[string]public.Account `json:"Account,omitempty"`
	AppMetadata  map[string]appEntry       `json:"AppMetadata,omitempty"`
}

type refreshEntry struct {
	HomeAccountID  string `json:"home_account_id"`
	Environment    string `json:"environment"`
	CredentialType string `json:"credential_type"`
	ClientID       string `json:"client_id"`
	FamilyID       string `json:"family_id,omitempty"`
	Secret         string `json:"secret"`
}

type appEntry struct {
	FamilyID    string `json:"family_id,omitempty"`
	ClientID    string `json:"client_id"`
	Environment string `json:"environment"`
}

// Replace hands the cache to MSAL, with its access tokens or without.
func (k *kept) Replace(_ context.Context, c cache.Unmarshaler, _ cache.ReplaceHints) error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.doc) == 0 {
		return nil
	}
	doc := k.doc
	if k.hide {
		var d document
		if err := json.Unmarshal(doc, &d); err != nil {
			return err
		}
		d.AccessToken = nil
		var err error
		if doc, err = json.Marshal(d); err != nil {
			return err
		}
	}
	return c.Unmarshal(doc)
}

// Export takes the cache back from MSAL.
func (k *kept) Export(_ context.Context, c cache.Marshaler, _ cache.ExportHints) error {
	if k == nil {
		return nil
	}
	doc, err := c.Marshal()
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.doc = doc
	return nil
}

// account is the person that the cache holds tokens of: a hop signs in one.
func (k *kept) account() (public.Account, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var d document
	if len(k.doc) > 0 {
		if err := json.Unmarshal(k.doc, &d); err != nil {
			return public.Account{}, err
		}
	}
	for _, a := range d.Account {
		return a, nil
	}
	return public.Account{}, errNoAccount
}

// someone stands for the account of a refresh token that was given: whose it is
// shows in the answer.
const someone = "given.given"

// plant makes a cache that holds a refresh token and nothing else: MSAL has no
// call that takes one.
func (k *kept) plant(token, clientID, authority string) error {
	u, err := url.Parse(authority)
	if err != nil {
		return err
	}
	host := u.Host
	doc, err := json.Marshal(document{
		RefreshToken: map[string]refreshEntry{someone + "-" + host + "-refreshtoken-" + clientID + "--": {
			HomeAccountID: someone, Environment: host, CredentialType: "RefreshToken", ClientID: clientID, Secret: token,
		}},
		Account:     map[string]public.Account{someone + "-" + host: {HomeAccountID: someone, Environment: host}},
		AppMetadata: map[string]appEntry{"appmetadata-" + host + "-" + clientID: {ClientID: clientID, Environment: host}},
	})
	k.mu.Lock()
	defer k.mu.Unlock()
	k.doc = doc
	return err
}
