package enginetest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"

	"flowscope/decision"
	"flowscope/engine/loopback"
	"flowscope/engine/trace"
)

// chromium is a real browser without a window, driven by its debugging protocol.
type chromium struct {
	ws *websocket.Conn
	id int
}

var devtools = regexp.MustCompile(`DevTools listening on ws://([^/]+)/`)

// startChromium starts the browser. Where there is none the test is skipped,
// unless FLOWSCOPE_NEEDS_BROWSER says that it must not be.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	bin := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			bin = path
			break
		}
	}
	if bin == "" {
		if os.Getenv("FLOWSCOPE_NEEDS_BROWSER") != "" {
			t.Fatal("there is no chromium, and here there must be one")
		}
		t.Skip("there is no chromium on this machine")
	}
	profile, err := os.MkdirTemp("", "flowscope-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--user-data-dir="+profile, "--remote-debugging-port=0", "--remote-allow-origins=*", "about:blank")
	words, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(profile) // its helpers may still be writing; the rest is the temporary directory's to clear
	})
	return connect(t, words)
}

// connect finds the browser's page and opens its socket.
func connect(t *testing.T, words io.Reader) *chromium {
	t.Helper()
	host := ""
	lines := bufio.NewScanner(words)
	for host == "" && lines.Scan() {
		if m := devtools.FindStringSubmatch(lines.Text()); m != nil {
			host = m[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, words) }()
	resp, err := http.Get("http://" + host + "/json/list")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var pages []struct {
		Type   string `json:"type"`
		Socket string `json:"webSocketDebuggerUrl"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&pages); err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if p.Type != "page" {
			continue
		}
		ws, err := websocket.Dial(p.Socket, "", "http://localhost")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = ws.Close() })
		c := &chromium{ws: ws}
		if _, err := c.call("Page.enable", nil); err != nil {
			t.Fatal(err)
		}
		return c
	}
	t.Fatal("the browser has no page")
	return nil
}

type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// call sends a command and waits for its answer.
func (c *chromium) call(method string, params any) (json.RawMessage, error) {
	c.id++
	if err := websocket.JSON.Send(c.ws, map[string]any{"id": c.id, "method": method, "params": params}); err != nil {
		return nil, err
	}
	m, err := c.until(func(m message) bool { return m.ID == c.id })
	if err == nil && m.Error != nil {
		err = errors.New(m.Error.Message)
	}
	return m.Result, err
}

func (c *chromium) until(fits func(message) bool) (message, error) {
	if err := c.ws.SetDeadline(time.Now().Add(90 * time.Second)); err != nil {
		return message{}, err
	}
	for {
		var m message
		if err := websocket.JSON.Receive(c.ws, &m); err != nil {
			return m, err
		}
		if fits(m) {
			return m, nil
		}
	}
}

// eval runs a script in the page and gives the string it comes to.
func (c *chromium) eval(script string) (string, error) {
	raw, err := c.call("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true})
	if err != nil {
		return "", err
	}
	var out struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return "", err
	}
	return fmt.Sprint(out.Result.Value), nil
}

// visit opens a page, or does what leads to one, and waits until it is loaded.
func (c *chromium) visit(method string, params any) error {
	c.id++
	id := c.id
	if err := websocket.JSON.Send(c.ws, map[string]any{"id": id, "method": method, "params": params}); err != nil {
		return err
	}
	_, err := c.until(func(m message) bool { return m.Method == "Page.loadEventFired" })
	return err
}

// person signs in and accepts, as a person would, and notes the headings seen.
func (c *chromium) person(address, user, password string, seen *[]string) error {
	if err := c.visit("Page.navigate", map[string]any{"url": address}); err != nil {
		return err
	}
	for range 5 {
		heading, err := c.eval(`document.querySelector("h1").textContent.trim()`)
		if err != nil {
			return err
		}
		*seen = append(*seen, heading)
		script := ""
		switch {
		case strings.HasPrefix(heading, "Sign in"):
			script = fmt.Sprintf(`document.querySelector("[name=username]").value=%q;document.querySelector("[name=password]").value=%q;document.querySelector("button").click()`, user, password)
		case strings.HasPrefix(heading, "Permissions"):
			script = `[...document.querySelectorAll("button")].find(b=>b.textContent.trim()=="Accept").click()`
		default:
			return nil
		}
		if err := c.visit("Runtime.evaluate", map[string]any{"expression": script}); err != nil {
			return err
		}
	}
	return errors.New("the pages went round in circles")
}

// TestLabPagesInARealBrowser signs in through Chromium: the lab's pages are
// ordinary forms, and the redirect arrives at the listener.
func TestLabPagesInARealBrowser(t *testing.T) {
	c := startChromium(t)
	w := New(t)
	account := w.Target.Accounts[0]
	var seen []string
	done := make(chan error, 1)
	w.Runner.Browser = &loopback.Browser{Open: func(address string) error {
		go func() { done <- c.person(address, account.Username, account.Password, &seen) }()
		return nil
	}}
	job := w.Job(t, decision.AuthorizationCode, "native")
	job.Browser = true
	s := w.Run(t, job)
	if err := <-done; err != nil {
		t.Fatalf("the browser saw %q, then: %v", seen, err)
	}
	if s.Trace.Outcome != trace.Tokens {
		t.Fatalf("outcome %s: %v", s.Trace.Outcome, s.Err)
	}
	want := []string{"Sign in", "Permissions requested", "The code has arrived"}
	if strings.Join(seen, "|") != strings.Join(want, "|") {
		t.Errorf("the browser saw %q, want %q", seen, want)
	}
}
