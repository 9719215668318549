package clients

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// TestMiddleware puts the labelled tokens that FLOWSCOPE_MIDDLEWARE holds before
// go-oidc and compares what it does with what flowscope says of it.
func TestMiddleware(t *testing.T) {
	file := os.Getenv("FLOWSCOPE_MIDDLEWARE")
	if file == "" {
		t.Skip("FLOWSCOPE_MIDDLEWARE names no file of tokens")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var given struct {
		Keys  json.RawMessage
		Cases []struct {
			Name, Token, Issuer   string
			Audiences, Algorithms []string
			Now                   int64
			Answers, Rules        map[string]string
		}
	}
	if err := json.Unmarshal(text, &given); err != nil {
		t.Fatal(err)
	}
	// go-jose reads no set with a broken certificate, and so no key of it.
	keys := strings.ReplaceAll(string(given.Keys), `,"x5c":["AAAA"]`, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(keys))
	}))
	defer server.Close()
	set := oidc.NewRemoteKeySet(t.Context(), server.URL)
	if len(given.Cases) < 100 {
		t.Fatalf("%d tokens", len(given.Cases))
	}
	for _, c := range given.Cases {
		does, last := "rejects", error(nil)
		for _, audience := range c.Audiences {
			v := oidc.NewVerifier(c.Issuer, set, &oidc.Config{
				ClientID: audience, SupportedSigningAlgs: c.Algorithms, Now: func() time.Time { return time.Unix(c.Now, 0) },
			})
			if _, last = v.Verify(t.Context(), c.Token); last == nil {
				does = "accepts"
				break
			}
		}
		if said := c.Answers["go-oidc"]; said != "open" && said != does {
			t.Errorf("%s: go-oidc %s (%v); said was %s, by %s", c.Name, does, last, said, c.Rules["go-oidc"])
		}
	}
}
