package infer_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"flowscope/validate"
	"flowscope/validate/infer"
)

func token(t *testing.T, header, claims string) *validate.Token {
	t.Helper()
	e := base64.RawURLEncoding.EncodeToString
	tok, err := validate.Decode(e([]byte(header)) + "." + e([]byte(claims)) + ".c2ln")
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

const plain = `{"alg":"RS256","kid":"k","typ":"JWT"}`

// TestFlow puts each sign to the guess, the strongest first; it is long because
// every row of the table stands here once.
func TestFlow(t *testing.T) {
	const tid = `"tid":"11111111-2222-4333-8444-555555555555"`
	for _, c := range []struct {
		name, header, claims, flow, confidence, because string
	}{
		{"managed identity", plain, `{"appid":"c","idtyp":"app","oid":"o","sub":"o","xms_mirid":"/subscriptions/x",` + tid + `}`,
			"managed-identity", "certain", "xms_mirid"},
		{"application, idtyp", plain, `{"aud":"a","azp":"c","azpacr":"1","idtyp":"app","oid":"o","sub":"o","roles":["R"],` + tid + `}`,
			"client-credentials", "certain", "secret"},
		{"application, oid is sub", plain, `{"aud":"a","azp":"c","azpacr":"2","oid":"o","sub":"o","roles":["R"],` + tid + `}`,
			"client-credentials", "certain", "certificate or a federated"},
		{"application, federated", plain, `{"aud":"a","azp":"c","azpacr":"2","oid":"o","sub":"o","xms_ficinfo":"x",` + tid + `}`,
			"client-credentials", "certain", "xms_ficinfo"},
		{"application without grants", plain, `{"aud":"c","azp":"c","azpacr":"1","oid":"o","sub":"o",` + tid + `}`,
			"client-credentials", "certain", "no roles"},
		{"public client", plain, `{"aud":"a","azp":"c","azpacr":"0","scp":"R","oid":"o","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "device code"},
		{"public client, password only", plain, `{"aud":"a","appid":"c","appidacr":"0","amr":["pwd"],"scp":"R","oid":"o","sub":"s",` + tid + `}`,
			"authorization-code", "possible", "password"},
		{"confidential client", plain, `{"aud":"a","azp":"c","azpacr":"1","scp":"R","oid":"o","sub":"s",` + tid + `}`,
			"authorization-code", "possible", "on-behalf-of"},
		{"on behalf of", plain, `{"aud":"a","azp":"c","azpacr":"1","scp":"R","oid":"o","sub":"s","xms_st":{"sub":"x"},` + tid + `}`,
			"on-behalf-of", "likely", "xms_st"},
		{"own audience", plain, `{"aud":"c","azp":"c","azpacr":"0","scp":"R","oid":"o","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "own audience"},
		{"own audience, confidential", plain, `{"aud":"c","azp":"c","azpacr":"1","scp":"R","oid":"o","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "own audience"},
		{"Graph writes xms_st after any flow", plain, `{"aud":"https://graph.microsoft.com","appid":"c","appidacr":"1","scp":"R","oid":"o","sub":"s","xms_st":{"sub":"x"},` + tid + `}`,
			"authorization-code", "possible", "on-behalf-of"},
		{"agent identity as itself", plain, `{"aud":"a","appid":"c","appidacr":"2","idtyp":"app","scp":"/","oid":"o","sub":"s","xms_act_fct":"3 9 11",` + tid + `}`,
			"client-credentials", "certain", "agent identity"},
		{"device, by idtyp", plain, `{"aud":"a","appid":"c","idtyp":"device","oid":"o","sub":"o",` + tid + `}`,
			"unknown", "possible", "device"},
		{"v1.0 API", plain, `{"aud":"api://a","iss":"https://sts.windows.net/t/","ver":"1.0","appid":"c","appidacr":"0","scp":"R","oid":"o","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "v1.0 tokens"},
		{"ID token of the code flow", plain, `{"aud":"c","nonce":"n","oid":"o","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "nonce"},
		{"ID token, hybrid", plain, `{"aud":"c","nonce":"n","c_hash":"h","sub":"s",` + tid + `}`,
			"authorization-code", "certain", "hybrid"},
		{"ID token, implicit", plain, `{"aud":"c","nonce":"n","at_hash":"h","sub":"s",` + tid + `}`,
			"implicit", "likely", "at_hash"},
		{"ID token, bare", plain, `{"aud":"c","sub":"s",` + tid + `}`,
			"authorization-code", "possible", "without nonce"},
		{"implicit access token", plain, `{"aud":"a","azp":"c","azpacr":"0","scp":"R","hasgroups":true,"sub":"s",` + tid + `}`,
			"implicit", "likely", "hasgroups"},
		{"device", plain, `{"aud":"a","appid":"c","deviceid":"d","oid":"o","sub":"s","name":"n",` + tid + `}`,
			"unknown", "possible", "device"},
		{"Graph", `{"alg":"RS256","kid":"k","nonce":"n"}`, `{"aud":"https://graph.microsoft.com","appid":"c","appidacr":"0","scp":"R","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "Microsoft Graph"},
		{"guest by issuer", plain, `{"aud":"a","azp":"c","azpacr":"0","scp":"R","idp":"https://sts.windows.net/x/","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "guest"},
		{"guest by name", plain, `{"aud":"a","azp":"c","azpacr":"0","scp":"R","upn":"a_b#EXT#@c","sub":"s",` + tid + `}`,
			"authorization-code", "likely", "guest"},
		{"step-up and challenges", plain, `{"aud":"a","azp":"c","azpacr":"0","scp":"R","acrs":["c1"],"xms_cc":["CP1"],"sub":"s",` + tid + `}`,
			"authorization-code", "likely", "claims challenges"},
		{"agent", plain, `{"aud":"a","azp":"c","azpacr":"2","scp":"R","xms_sub_fct":"3 13","sub":"s",` + tid + `}`,
			"authorization-code", "possible", "agent's user"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := infer.Flow(token(t, c.header, c.claims))
			if slices.Contains(g.Others, g.Name) || g.Confidence == infer.Certain && len(g.Others) > 0 {
				t.Errorf("%s (%s) and the same signs of %q", g.Name, g.Confidence, g.Others)
			}
			if g.Name != c.flow || g.Confidence != c.confidence {
				t.Errorf("got %s (%s), want %s (%s)", g.Name, g.Confidence, c.flow, c.confidence)
			}
			if !slices.ContainsFunc(g.Because, func(s string) bool { return strings.Contains(s, c.because) }) {
				t.Errorf("no sign says %q: %q", c.because, g.Because)
			}
		})
	}
}

func TestFlowOfWhatCannotBeRead(t *testing.T) {
	for _, raw := range []string{"", "opaque", "0.AXoA", "eyJ", "..."} {
		tok, _ := validate.Decode(raw)
		if g := infer.Flow(tok); g.Name != infer.Unknown || len(g.Because) == 0 {
			t.Errorf("%q: %+v", raw, g)
		}
	}
	if g := infer.Flow(nil); g.Name != infer.Unknown {
		t.Errorf("nil: %+v", g)
	}
}

func FuzzFlow(f *testing.F) {
	f.Add(plain, `{"aud":"a","azp":"c","azpacr":"1","scp":"R","xms_st":{},"acrs":["c1"],"xms_sub_fct":"11"}`)
	f.Add(plain, `{"aud":["a"],"scp":1,"idtyp":"app","oid":"\u001b","sub":"\u001b","amr":{},"appidacr":"\u202e"}`)
	f.Fuzz(func(t *testing.T, header, claims string) {
		e := base64.RawURLEncoding.EncodeToString
		tok, _ := validate.Decode(e([]byte(header)) + "." + e([]byte(claims)) + ".c2ln")
		g := infer.Flow(tok)
		if g.Name == "" || g.Confidence == "" || len(g.Because) == 0 {
			t.Fatalf("%+v", g)
		}
		for _, s := range g.Because {
			if s != validate.Printable(s, 300) {
				t.Fatalf("%q", s)
			}
		}
	})
}

// TestFlowIsCareful holds guesses to what claims can tell: what must be said,
// what would be wrong, and which flows are left open.
func TestFlowIsCareful(t *testing.T) {
	const tid = "11111111-2222-4333-8444-555555555555"
	const entra = `"iss":"https://login.microsoftonline.com/` + tid + `/v2.0","ver":"2.0","tid":"` + tid + `",`
	for _, c := range []struct{ name, claims, flow, confidence, must, never, other string }{
		{"at_hash beside a code", `{"iss":"https://accounts.google.com","azp":"c","aud":"c","sub":"1","at_hash":"77QmUPtjPfzWtF2AnpK9RQ"}`, "authorization-code", "possible", "token endpoint too", "with Entra", "implicit"},
		{"at_hash of Entra's without a tenant", `{"iss":"https://login.microsoftonline.com/` + tid + `/v2.0","aud":"c","sub":"1","at_hash":"77QmUPtjPfzWtF2AnpK9RQ"}`, "implicit", "likely", "with Entra", "", "authorization-code"},
		{"a nonce leaves two flows", `{` + entra + `"aud":"c","sub":"1","nonce":"n"}`, "authorization-code", "likely", "leaves the same marks", "and a code.", "implicit"},
		{"no roles", `{` + entra + `"aud":"https://management.azure.com","azp":"c","azpacr":"1","oid":"o","sub":"o"}`, "client-credentials", "certain", "no application permission is in the token", "granted nothing", ""},
		{"a device", `{` + entra + `"aud":"a","azp":"c","azpacr":"1","oid":"o","sub":"o","idtyp":"device"}`, "unknown", "possible", "device's own", "application", ""},
		{"a member from elsewhere", `{` + entra + `"aud":"a","azp":"c","azpacr":"0","scp":"R","oid":"o","sub":"s","acct":0,"idp":"https://sts.windows.net/99999999-2222-4333-8444-555555555555/"}`, "authorization-code", "likely", "public", "guest", ""},
		{"a personal account", strings.ReplaceAll(`{`+entra+`"aud":"a","azp":"c","azpacr":"0","scp":"R","oid":"o","sub":"s","idp":"live.com"}`, tid, validate.ConsumerTenant), "authorization-code", "likely", "personal account's", "guest", ""},
		{"a customer", `{"iss":"https://` + tid + `.ciamlogin.com/` + tid + `/v2.0","tid":"` + tid + `","aud":"c","nonce":"n","sub":"s","oid":"o","idp":"google.com"}`, "authorization-code", "likely", "nonce", "guest", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := infer.Flow(token(t, plain, c.claims))
			said := strings.Join(g.Because, " ")
			if g.Name != c.flow || g.Confidence != c.confidence {
				t.Errorf("got %s (%s), want %s (%s)", g.Name, g.Confidence, c.flow, c.confidence)
			}
			if !strings.Contains(said, c.must) || c.never != "" && strings.Contains(said, c.never) {
				t.Errorf("must say %q and never %q: %s", c.must, c.never, said)
			}
			if c.other != "" && !slices.Contains(g.Others, c.other) {
				t.Errorf("%q leaves %s open", g.Others, c.other)
			}
		})
	}
}
