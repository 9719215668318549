package command_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"flowscope/engine/labinfo"
)

// serving is flowscope lab while it runs.
type serving struct {
	*bench
	in   *io.PipeWriter
	got  *bufio.Scanner
	seen strings.Builder
	exit chan int
	stop context.CancelFunc
}

// serve runs flowscope lab with these flags; what it prints is read line by
// line.
func serve(t *testing.T, args ...string) *serving {
	t.Helper()
	b := newBench(t)
	in, typed := io.Pipe()
	out, printed := io.Pipe()
	b.in, b.writer = in, printed
	ctx, cancel := context.WithCancel(t.Context())
	b.ctx = ctx
	s := &serving{bench: b, in: typed, got: bufio.NewScanner(out), exit: make(chan int, 1), stop: cancel}
	s.got.Buffer(nil, 1<<20)
	go func() {
		status := b.run(append([]string{"lab"}, args...)...)
		_ = printed.Close()
		s.exit <- status
	}()
	t.Cleanup(func() { cancel(); _ = out.Close(); _ = typed.Close() })
	return s
}

// until reads lines until one holds these words, and gives it.
func (s *serving) until(t *testing.T, words string) string {
	t.Helper()
	for s.got.Scan() {
		s.seen.WriteString(s.got.Text() + "\n")
		if strings.Contains(s.got.Text(), words) {
			return s.got.Text()
		}
	}
	t.Fatalf("no %q came:\n%s\n%s", words, s.seen.String(), s.err.String())
	return ""
}

// end reads to the end and gives the exit status.
func (s *serving) end(t *testing.T) int {
	t.Helper()
	for s.got.Scan() {
		s.seen.WriteString(s.got.Text() + "\n")
	}
	return <-s.exit
}

func (s *serving) typed(t *testing.T, line string) {
	t.Helper()
	if _, err := io.WriteString(s.in, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

func describe(t *testing.T, line string) labinfo.Description {
	t.Helper()
	var d labinfo.Description
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return d
}

// TestLabJSON holds the shape that scripts rely on, and that what it describes
// is served.
func TestLabJSON(t *testing.T) {
	s := serve(t, "--json")
	line := s.until(t, `"schema"`)
	inOrder(t, line)
	d := describe(t, line)
	credentials(t, d)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(d.CAPEM))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	for _, address := range []string{d.Discovery, d.JWKSURI, d.HTTPAuthority + "/v2.0/.well-known/openid-configuration"} {
		resp, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ Issuer string }
		if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
			t.Errorf("%s: %v", address, err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || (strings.HasSuffix(address, "configuration") && doc.Issuer+"/.well-known/openid-configuration" != address) {
			t.Errorf("%s: %d, issuer %s", address, resp.StatusCode, doc.Issuer)
		}
	}
	s.typed(t, "quit")
	if status := s.end(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if strings.Count(s.seen.String(), "\n") != 1 {
		t.Error("more than one line on standard output")
	}
	if words := s.err.String(); !strings.Contains(words, "signing keys") || !strings.Contains(words, "200") {
		t.Errorf("the requests are not told on standard error: %s", words)
	}
	if _, err := client.Get(d.Discovery); err == nil {
		t.Error("it is served after the end")
	}
}

// inOrder checks the members of the description and their order.
func inOrder(t *testing.T, line string) {
	t.Helper()
	at := -1
	for _, name := range []string{
		`{"schema":1,`, `"authority":"https://localhost:`, `"http_authority":"http://localhost:`, `"tenant_id":`, `"ca_pem":`, `"discovery":`,
		`"jwks_uri":`, `"users":[{"username":"ada@contoso.example","password":`, `"oid":`, `"roles":["Editor"]`, `"apps":[{"name":"web","client_id":`,
		`"client_type":"confidential"`, `"client_secret":"lab-web-secret`, `"certificate_pem":"-----BEGIN CERT`, `"private_key_pem":"-----BEGIN PRIV`,
		`"redirect_uris":[`, `"app_id_uri":`, `"scopes":[`, `"app_roles":[`, `"federated_issuer":{"issuer":"https://localhost:`, `"jwks_uri":`,
		`"subject":`, `"audience":`, `"private_key_pem":`, `"kid":"`, `"client_id":`, `"services":{"orders":`, `"inventory":`, `"graph":`,
	} {
		next := strings.Index(line[at+1:], name)
		if next < 0 {
			t.Fatalf("%s is missing, or not in its place", name)
		}
		at += 1 + next
	}
}

// credentials checks that what can be used is there, and nothing that can not.
func credentials(t *testing.T, d labinfo.Description) {
	t.Helper()
	names := map[string]labinfo.App{}
	for _, a := range d.Apps {
		names[a.Name] = a
	}
	for _, name := range []string{"web", "spa", "native", "daemon", "cli", "orders-api", "inventory-api"} {
		if names[name].ClientID == "" {
			t.Errorf("no application %s", name)
		}
	}
	if names["daemon"].ClientSecret == "" || names["daemon"].CertificatePEM == "" || names["orders-api"].ClientSecret == "" {
		t.Error("a credential is missing")
	}
	if e := names["expired"]; e.ClientSecret == "" || !e.SecretExpired {
		t.Error("the expired secret is not handed out as such")
	}
}

// TestLabShowsRequests sees another program's failure explained as it happens,
// its secrets masked, and switches a condition meanwhile.
func TestLabShowsRequests(t *testing.T) {
	s := serve(t, "--plain", "--condition", "slow=1ms")
	authority := strings.Fields(s.until(t, "Plain HTTP"))[2]
	s.until(t, "each as it arrives")
	post := func(secret string) string {
		resp, err := http.PostForm(authority+"/oauth2/v2.0/token", url.Values{
			"grant_type": {"client_credentials"}, "client_id": {"b2f3c456-3023-41f3-b4c9-19c5826715e0"},
			"client_secret": {secret}, "scope": {"api://orders.contoso.example/.default"},
		})
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		return string(body)
	}
	const planted = "My0wnTermin4lSecret~"
	post(planted)
	s.until(t, "token request, grant client_credentials of daemon")
	s.until(t, "AADSTS7000215")
	s.until(t, "What to change")
	answer := post("lab-daemon-secret-N1ghtTrainWhistle")
	s.until(t, "200  token request")
	for _, line := range []struct{ typed, want string }{
		{"conditions", "1ms"}, {"on outage", "on  outage"}, {"on slow=2ms", "2ms"}, {"on slow = 3ms", "3ms"}, {"on slow 1 ms", "1ms"}, {"off slow", "off slow"}, {"on nonsense", "there is no condition"},
		{strings.Repeat("A", 70_000), "is none of"}, {strings.Repeat("B", 300_000), "is none of"}, {"on clock soon", "takes a duration"}, {"help", "quit"}, {"what?", "is none of"}, {"on clock 2h", "2h"},
	} {
		s.typed(t, line.typed)
		s.until(t, line.want)
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(answer), &token); err != nil || token.AccessToken == "" {
		t.Fatalf("no token: %s", answer)
	}
	_ = s.in.Close() // the end of the input does not end the lab
	resp, err := http.Get(authority + "/discovery/v2.0/keys")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	s.until(t, "signing keys")
	s.stop()
	if status := s.end(t); status != 130 {
		t.Errorf("exit status %d", status)
	}
	for _, secret := range []string{planted, token.AccessToken[strings.LastIndexByte(token.AccessToken, '.')+1:]} {
		if strings.Contains(s.seen.String()+s.err.String(), secret) {
			t.Error("a secret was printed")
		}
	}
	if s.err.Len() != 0 {
		t.Errorf("words: %s", s.err.String())
	}
}

// TestLabUsage refuses what can't be served.
func TestLabUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"lab", "--plain", "--http", "0.0.0.0:80"}, "loopback"},
		{[]string{"lab", "--plain", "--https", ":8443"}, "loopback"},
		{[]string{"lab", "--json", "--https", "example.com:443"}, "loopback"},
		{[]string{"lab", "--plain", "--http", ""}, "empty"},
		{[]string{"lab", "--ca", ""}, "empty"},
		{[]string{"lab", "--plain", "--http", "localhost:+80"}, "0 to 65535"},
		{[]string{"lab", "--plain", "--condition", "mfa-requierd"}, "did you mean mfa-required"},
		{[]string{"lab", "--plain", "--condition", "slow=banana"}, "duration"},
		{[]string{"lab", "elsewhere"}, "no argument"},
	} {
		b := newBench(t)
		b.must(t, 2, c.args...)
		if !strings.Contains(b.err.String(), c.want) {
			t.Errorf("%v: %s", c.args, b.err.String())
		}
	}
}

// TestLabCA writes the certificate of the authority to a new file and to none
// that is there.
func TestLabCA(t *testing.T) {
	b := newBench(t)
	b.in = strings.NewReader("quit\n")
	b.must(t, 0, "lab", "--ca", "ca.pem")
	if !strings.HasPrefix(b.written["ca.pem"], "-----BEGIN CERTIFICATE-----") || strings.Contains(b.written["ca.pem"], "KEY") {
		t.Errorf("wrote %q", b.written)
	}
	b.files["ca.pem"] = "mine"
	b.must(t, 1, "lab", "--ca", "ca.pem")
	if !strings.Contains(b.err.String(), "give another name, or delete the file first") {
		t.Errorf("%s", b.err.String())
	}
}

// TestLabConditions lists the switches.
func TestLabConditions(t *testing.T) {
	b := newBench(t)
	for _, want := range []string{"mfa-required", "AADSTS50076", "key-rollover", "duration, such as"} {
		if out := b.must(t, 0, "lab", "conditions"); !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	var doc struct {
		Schema     int
		Conditions []labinfo.Condition
	}
	if err := json.Unmarshal([]byte(b.must(t, 0, "lab", "conditions", "--json")), &doc); err != nil || doc.Schema != 1 || len(doc.Conditions) < 20 {
		t.Errorf("%v, %+v", err, doc)
	}
}

// TestLabScreen opens the lab's screen at a terminal, with the lab served and
// the conditions on.
func TestLabScreen(t *testing.T) {
	b := newBench(t)
	b.terminal = true
	b.must(t, 0, "lab", "--condition", "clock=2h", "--theme", "mono")
	if b.opened == nil || b.opened.Theme != "mono" || b.begun != nil {
		t.Fatalf("%+v, %v", b.opened, b.begun)
	}
	for _, c := range b.shared.Conditions() {
		if c.On != (c.ID == "clock") {
			t.Errorf("%s is on: %v", c.ID, c.On)
		}
	}
	b.opened = nil
	b.must(t, 2, "lab", "--http", "0.0.0.0:0")
	b.must(t, 2, "lab", "--condition", "nonsense")
}

// TestRunCondition runs flows on a lab whose clock is ahead, so that its tokens
// are not good yet, on one that lets a person in no more, and on one that is out.
func TestRunCondition(t *testing.T) {
	b := newBench(t)
	out := b.must(t, 3, "run", "authorization-code", "--condition", "clock=48h")
	for _, want := range []string{"conditions of the lab: clock=48h", "invalid", "not-before"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %s", want, out)
		}
	}
	b.must(t, 2, "run", "authorization-code", "--condition", "mfa-requierd")
	if !strings.Contains(b.err.String(), "mfa-required") {
		t.Errorf("the ids are not listed: %s", b.err.String())
	}
	b.must(t, 2, "run", "authorization-code", "--condition", "clock=soon")
	for condition, want := range map[string]string{"account-disabled=ada@contoso.example": "AADSTS50057", "outage": "AADSTS90033"} {
		if out := newBench(t).must(t, 3, "run", "authorization-code", "--condition", condition); !strings.Contains(out, want) {
			t.Errorf("%s: no %s in %s", condition, want, out)
		}
	}
	other := newBench(t)
	if out := other.must(t, 3, "run", "client-credentials", "--condition=clock=48h", "--json"); !strings.Contains(out, `"outcome":"tokens"`) {
		t.Error(out)
	}
}

// TestLabSaysOnce explains a failure once while it stays the same, is quiet
// about the polls of a device code, and says under which conditions a request
// came and what it brought.
func TestLabSaysOnce(t *testing.T) {
	s := serve(t, "--plain", "--condition", "secret-expired=native")
	authority := strings.Fields(s.until(t, "Plain HTTP"))[2]
	s.until(t, "(expired)")
	s.until(t, "each as it arrives")
	post := func(path string, form url.Values) (answer struct {
		DeviceCode string `json:"device_code"`
	}) {
		resp, err := http.PostForm(authority+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		_ = json.NewDecoder(resp.Body).Decode(&answer)
		return answer
	}
	const daemon = "b2f3c456-3023-41f3-b4c9-19c5826715e0"
	token := func(secret string) {
		post("/oauth2/v2.0/token", url.Values{"grant_type": {"client_credentials"}, "client_id": {daemon}, "client_secret": {secret}, "scope": {"api://orders.contoso.example/.default"}})
	}
	token("wrong-secret-of-mine")
	token("wrong-secret-of-mine")
	token("wrong-secret-of-mine")
	s.until(t, "as before (3)")
	if n := strings.Count(s.seen.String(), "What to change"); n != 1 {
		t.Errorf("the same failure was explained %d times", n)
	}
	token("lab-daemon-secret-N1ghtTrainWhistle")
	s.until(t, "audience orders-api")
	s.until(t, "while secret-expired native")
	token("wrong-secret-of-mine")
	s.until(t, "while secret-expired native: switched on in this lab")
	s.until(t, "What to change") // something else came between
	id := s.shared.Describe()
	app, _ := id.App("cli")
	code := post("/oauth2/v2.0/devicecode", url.Values{"client_id": {app.ClientID}, "scope": {"openid"}}).DeviceCode
	if code == "" {
		t.Fatal("no device code")
	}
	for range 3 {
		post("/oauth2/v2.0/token", url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {app.ClientID}, "device_code": {code}})
	}
	s.until(t, "still waiting for the person")
	s.typed(t, "quit")
	if status := s.end(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	all := s.seen.String()
	if n := strings.Count(all, "still waiting"); n != 1 || strings.Contains(all, "70016") {
		t.Errorf("waiting was told %d times:\n%s", n, all)
	}
}
