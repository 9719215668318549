package lab

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"flowscope/engine/lab/directory"
)

const (
	stockRead = "api://inventory.contoso.example/stock.read"
)

// realWorld is a world whose clock is the machine's: the libraries under test
// know no other. Inside a synctest bubble that is the bubble's.
func realWorld(t testing.TB) *world {
	w := newWorld(t)
	w.lab = newLab(Options{Clock: time.Now, Deterministic: true}, w.dir)
	w.newBrowser()
	return w
}

// walker uses the lab's pages with a browser of their own. It knows no page:
// it fills in the fields that it finds and presses the button that a willing
// person presses.
type walker struct {
	testing.TB
	browser *http.Client
	account User
	code    string // on the device's display
}

func (w *world) walker(username string) *walker {
	w.Helper()
	u, ok := w.dir.User(username)
	if !ok {
		w.Fatalf("no user %q", username)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	return &walker{TB: w.TB, browser: &http.Client{
		Transport: inProcess{w.lab}, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, account: u}
}

// arrival is where the person left the lab, and with what.
type arrival struct {
	address *url.URL
	values  url.Values // of the query, the fragment or the form
}

// form is one form of a page.
type form struct {
	action  *url.URL
	fields  url.Values
	buttons map[string][2]string // by label: name and value
}

// open follows an address through the pages until the lab hands over to
// somebody else.
func (p *walker) open(address string) arrival {
	p.Helper()
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		p.Fatal(err)
	}
	for range 12 {
		resp, err := p.browser.Do(r)
		if err != nil {
			p.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			p.Fatal(err)
		}
		if to := resp.Header.Get("Location"); to != "" {
			u, err := r.URL.Parse(to)
			if err != nil {
				p.Fatal(err)
			}
			if u.Host != r.URL.Host {
				return arrival{u, handed(u)}
			}
			if r, err = http.NewRequest(http.MethodGet, u.String(), nil); err != nil {
				p.Fatal(err)
			}
			continue
		}
		f, values := p.answer(r.URL, string(body))
		if f == nil {
			return arrival{r.URL, url.Values{"page": {string(body)}}}
		}
		if f.action.Host != r.URL.Host {
			return arrival{f.action, values}
		}
		if r, err = http.NewRequest(http.MethodPost, f.action.String(), strings.NewReader(values.Encode())); err != nil {
			p.Fatal(err)
		}
		r.Header.Set("Content-Type", formType)
	}
	p.Fatalf("%s leads in circles", address)
	return arrival{}
}

// handed is what a redirect carries.
func handed(u *url.URL) url.Values {
	if u.Fragment == "" {
		return u.Query()
	}
	values, err := url.ParseQuery(u.EscapedFragment())
	if err != nil {
		return nil
	}
	return values
}

// answer fills in a page. It is nil for a page that asks nothing, which is the
// end of the way, and fails for one that a willing person can't answer.
func (p *walker) answer(at *url.URL, page string) (*form, url.Values) {
	p.Helper()
	forms := formsOf(p, at, page)
	if len(forms) == 0 {
		return nil, nil
	}
	for _, f := range forms {
		if f.action.Host != at.Host {
			return &f, f.fields
		}
		if f.fields.Has("username") && f.fields.Has("password") {
			f.fields.Set("username", p.account.Username)
			f.fields.Set("password", p.account.Password)
		}
		if f.fields.Has("user_code") {
			f.fields.Set("user_code", p.code)
		}
		for _, label := range []string{"Sign in", "Accept", "Next", "Continue", "Approve"} {
			if b, ok := f.buttons[label]; ok {
				if b[0] != "" {
					f.fields.Set(b[0], b[1])
				}
				return &f, f.fields
			}
		}
	}
	p.Fatalf("nothing to press on: %s", page)
	return nil, nil
}

func formsOf(t testing.TB, at *url.URL, page string) []form {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []form
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" {
			continue
		}
		action, err := at.Parse(attr(n, "action"))
		if err != nil {
			t.Fatal(err)
		}
		f := form{action, url.Values{}, map[string][2]string{}}
		for d := range n.Descendants() {
			switch {
			case d.Type != html.ElementNode:
			case d.Data == "button":
				f.buttons[words(d)] = [2]string{attr(d, "name"), attr(d, "value")}
			case d.Data == "input" && attr(d, "type") != "checkbox":
				f.fields.Set(attr(d, "name"), attr(d, "value"))
			}
		}
		out = append(out, f)
	}
	return out
}

// enter approves a device on the page that it shows, and gives the last page.
func (p *walker) enter(page, code string) string {
	p.Helper()
	p.code = code
	return p.open(page).values.Get("page")
}

// verified reads a token after checking its signature with the keys that the
// lab publishes, and holds its claims against pairs of name and value. An
// absent claim is nil.
func (w *world) verified(token string, pairs ...any) jwt {
	w.Helper()
	j := decode(w, token)
	var set struct {
		Keys []struct{ Kid, N string }
	}
	if err := json.Unmarshal([]byte(w.get(labBase+"/"+directory.ContosoID+"/discovery/v2.0/keys").body), &set); err != nil {
		w.Fatal(err)
	}
	good := false
	for _, k := range set.Keys {
		n, err := base64.RawURLEncoding.DecodeString(k.N)
		if err != nil {
			w.Fatal(err)
		}
		digest := sha256.Sum256(j.signed)
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
		good = good || k.Kid == j.header["kid"] && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], j.sig) == nil
	}
	if !good {
		w.Errorf("no published key verifies %s", token)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		got := j.claims[pairs[i].(string)]
		if list, ok := pairs[i+1].([]string); ok {
			want := make([]any, len(list))
			for k := range list {
				want[k] = list[k]
			}
			pairs[i+1] = want
		}
		if !reflect.DeepEqual(got, pairs[i+1]) {
			w.Errorf("claim %s is %v, want %v", pairs[i], got, pairs[i+1])
		}
	}
	return j
}
