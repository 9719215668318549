// Package clients puts Go libraries for Microsoft Entra ID and OpenID Connect
// through every flow they support, against the program's own `flowscope lab`.
// They are given nothing but configuration.
package clients

import (
	"bufio"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"
)

// asBrowser in the environment makes this test binary a person: it opens its
// argument in the lab and carries the answer back. It stands in for xdg-open.
const asBrowser = "FLOWSCOPE_AS_BROWSER"

// description is what `flowscope lab --json` prints, as far as it is needed.
type description struct {
	Authority       string    `json:"authority"`
	HTTPAuthority   string    `json:"http_authority"`
	TenantID        string    `json:"tenant_id"`
	CAPEM           string    `json:"ca_pem"`
	Users           []account `json:"users"`
	Apps            []app     `json:"apps"`
	FederatedIssuer struct {
		Issuer     string `json:"issuer"`
		Subject    string `json:"subject"`
		Audience   string `json:"audience"`
		PrivateKey string `json:"private_key_pem"`
		KID        string `json:"kid"`
		ClientID   string `json:"client_id"`
	} `json:"federated_issuer"`
}

type account struct {
	Username string `json:"username"`
	Password string `json:"password"`
	OID      string `json:"oid"`
}

type app struct {
	Name         string   `json:"name"`
	ClientID     string   `json:"client_id"`
	Secret       string   `json:"client_secret"`
	Certificate  string   `json:"certificate_pem"`
	PrivateKey   string   `json:"private_key_pem"`
	RedirectURIs []string `json:"redirect_uris"`
	AppIDURI     string   `json:"app_id_uri"`
}

var (
	lab   description
	https string // scheme and host of the lab by TLS
	plain string // the same by plain HTTP
	web   *http.Client
)

func TestMain(m *testing.M) {
	if file := os.Getenv(asBrowser); file != "" {
		os.Exit(browse(file))
	}
	os.Exit(serve(m))
}

// serve runs the tests beside the program under test.
func serve(m *testing.M) int {
	program := os.Getenv("FLOWSCOPE")
	if program == "" {
		fmt.Fprintln(os.Stderr, "FLOWSCOPE must name the program under test")
		return 2
	}
	cmd := exec.Command(program, "lab", "--json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return failed(err)
	}
	var words strings.Builder
	cmd.Stderr = &words
	if err := cmd.Start(); err != nil {
		return failed(err)
	}
	ended := make(chan error, 1)
	defer func() {
		select {
		case err := <-ended:
			fmt.Fprintf(os.Stderr, "the lab ended before the tests did: %v\n%s\n", err, tail(words.String()))
		default:
			_ = cmd.Process.Signal(os.Interrupt)
			<-ended
		}
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	go func() { ended <- cmd.Wait() }()
	if err != nil {
		return failed(fmt.Errorf("the lab did not describe itself: %w", err))
	}
	if err := connect(line); err != nil {
		return failed(err)
	}
	return m.Run()
}

// tail is the end of what the lab said.
func tail(words string) string { return words[max(0, len(words)-4000):] }

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// connect reads the description and trusts the lab's authority.
func connect(raw []byte) error {
	if err := json.Unmarshal(raw, &lab); err != nil {
		return err
	}
	https, plain = strings.TrimSuffix(lab.Authority, "/"+lab.TenantID), strings.TrimSuffix(lab.HTTPAuthority, "/"+lab.TenantID)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(lab.CAPEM)) {
		return errors.New("the description holds no certificate")
	}
	web = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	return nil
}

// browse is the person behind xdg-open.
func browse(file string) int {
	raw, err := os.ReadFile(file)
	if err != nil {
		return failed(err)
	}
	if err := connect(raw); err != nil {
		return failed(err)
	}
	there, err := newPerson(userOf("ada")).open(os.Args[len(os.Args)-1])
	if err != nil {
		return failed(err)
	}
	resp, err := web.PostForm(there.address.String(), there.values)
	if err != nil {
		return failed(err)
	}
	_ = resp.Body.Close()
	return 0
}

func appOf(name string) app {
	for _, a := range lab.Apps {
		if a.Name == name {
			return a
		}
	}
	panic("the description names no application " + name)
}

func userOf(name string) account {
	for _, u := range lab.Users {
		if strings.HasPrefix(u.Username, name+"@") {
			return u
		}
	}
	panic("the description names no " + name)
}

// call asks an API of the lab with a token.
func call(t *testing.T, address, token string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := web.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body map[string]any
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, body
}

// verified checks a token's signature with the keys that the lab publishes, and
// holds claims against want; nil stands for a claim that must be absent, and a
// func(any) bool judges by itself.
func verified(t *testing.T, token string, want map[string]any) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT: %q", token)
	}
	var head struct{ Alg, Kid string }
	claims := map[string]any{}
	for i, into := range []any{&head, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if key := published(t, head.Kid); head.Alg != "RS256" || key == nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], sig) != nil {
		t.Errorf("no published key verifies the token with kid %s, alg %s", head.Kid, head.Alg)
	}
	for name, value := range want {
		if check, ok := value.(func(any) bool); ok {
			if !check(claims[name]) {
				t.Errorf("claim %s is %v", name, claims[name])
			}
			continue
		}
		if !reflect.DeepEqual(claims[name], value) {
			t.Errorf("claim %s is %v, want %v", name, claims[name], value)
		}
	}
	return claims
}

func published(t *testing.T, kid string) *rsa.PublicKey {
	t.Helper()
	resp, err := web.Get(https + "/" + lab.TenantID + "/discovery/v2.0/keys")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var set struct{ Keys []struct{ Kid, N string } }
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		t.Fatal(err)
	}
	for _, k := range set.Keys {
		if n, err := base64.RawURLEncoding.DecodeString(k.N); err == nil && k.Kid == kid {
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
		}
	}
	return nil
}

// adaAt is what Orders API must be told about Ada by a client that proved
// itself in the way given.
func adaAt(base, client, proved string) map[string]any {
	ada := userOf("ada")
	return map[string]any{
		"aud": appOf("orders-api").ClientID, "iss": base + "/" + lab.TenantID + "/v2.0", "ver": "2.0", "tid": lab.TenantID,
		"azp": appOf(client).ClientID, "azpacr": proved, "oid": ada.OID, "scp": scope,
		"roles": []any{"Editor"}, "preferred_username": ada.Username,
	}
}

// scope is what a person lets an application do at Orders API. A token carries
// everything that was ever consented to, and tests share one lab.
func scope(scp any) bool {
	return scp == "access_as_user" || scp == "access_as_user Orders.Read" || scp == "Orders.Read access_as_user"
}

// appAt is what Orders API must be told about an application alone.
func appAt(clientID, proved string) map[string]any {
	return map[string]any{
		"aud": appOf("orders-api").ClientID, "iss": https + "/" + lab.TenantID + "/v2.0", "ver": "2.0", "tid": lab.TenantID,
		"azp": clientID, "azpacr": proved, "roles": []any{"Orders.Read.All"}, "scp": nil, "preferred_username": nil,
	}
}

// stockFor is what Inventory API, which takes v1.0 tokens, must be told about
// Ada by Orders API.
func stockFor(proved string) map[string]any {
	return map[string]any{
		"aud": "api://inventory.contoso.example", "iss": https + "/" + lab.TenantID + "/", "ver": "1.0",
		"appid": appOf("orders-api").ClientID, "appidacr": proved, "oid": userOf("ada").OID, "scp": "stock.read",
	}
}

// signed is a JWT over the claims, by RS256.
func signed(key string, header, claims map[string]any) (string, error) {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return "", errors.New("no PEM")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", err
	}
	part := func(v any) string {
		raw, _ := json.Marshal(v) // of maps of text and numbers
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	header["alg"], header["typ"] = "RS256", "JWT"
	now := time.Now()
	claims["iat"], claims["nbf"], claims["exp"], claims["jti"] = now.Unix(), now.Unix(), now.Add(5*time.Minute).Unix(), rand.Text()
	text := part(header) + "." + part(claims)
	digest := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(nil, private.(*rsa.PrivateKey), crypto.SHA256, digest[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(sig), err
}

// federated is a token as the lab's second issuer hands it to a build.
func federated(context.Context) (string, error) {
	f := lab.FederatedIssuer
	return signed(f.PrivateKey, map[string]any{"kid": f.KID}, map[string]any{"iss": f.Issuer, "sub": f.Subject, "aud": f.Audience})
}

// certified is a client assertion that an application signs by itself.
func certified(a app) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		block, _ := pem.Decode([]byte(a.Certificate))
		sum := sha256.Sum256(block.Bytes)
		return signed(a.PrivateKey, map[string]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}, map[string]any{
			"iss": a.ClientID, "sub": a.ClientID, "aud": https + "/" + lab.TenantID + "/oauth2/v2.0/token",
		})
	}
}

func path(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Scheme + "://" + u.Host + u.Path
}
