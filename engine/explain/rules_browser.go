package explain

import "flowscope/engine/trace"

// inBrowser reports an authorization request that was to be handed to the
// system browser and was not: it broke before there was an answer, while no
// other request of the run did. The program writes no Accept header into it,
// since that is the browser's to write; a sign-in inside the program has one.
func (s scene) inBrowser() bool {
	if s.e.Purpose != trace.Authorize || s.e.Channel != trace.Front || s.e.Err == "" || s.e.Net != nil || s.e.Response != nil {
		return false
	}
	if _, own := valueOf(s.e.Request, trace.Header, "Accept"); own {
		return false
	}
	for _, e := range s.t.Exchanges {
		if e.N != s.e.N && e.Err != "" {
			return false
		}
	}
	return true
}

// browser explains that the system browser could not be opened.
func (s scene) browser() Finding {
	f := Finding{
		Code: "browser", Name: "The browser could not be opened", Step: s.e.Step, Exchange: s.e.N, Confidence: Likely, Who: Developer, Retry: true,
		Stage: s.stageOf("in the application, before anything was sent"),
		What:  "The browser could not be opened, so the authorization request was not sent.",
		Why: []string{
			"This machine has no browser that a program can start, as over SSH, in a container or without a desktop; or BROWSER names one that is not there.",
			"No server has seen the request, so nothing speaks against it.",
		},
		Fix: []Fix{
			{Title: "Sign in inside the program: press u before the run starts"},
			{Title: "Set BROWSER to the command of a browser, then start again"},
			{Title: "Open the address by hand, in a browser on this machine: the redirect comes back to it"},
		},
		Source: []string{"RFC 8252 section 6"},
	}
	f.see("error", s.e.Err, "")
	f.FlowRight = s.right(needAgain)
	return f
}
