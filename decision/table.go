package decision

// Row is one line of the decision table: a shape of client, its flow, and what
// somebody who has that client should know before they register it.
type Row struct {
	// ID names the row: web, spa, native, device, api, daemon or none.
	ID string
	// Client is the shape of the client, such as "Web app with a backend".
	Client string
	// Short is the same in one to four words, for narrow places.
	Short string
	// Detail adds what Client leaves out: "confidential", "installed, public".
	Detail string
	// When are the answers that lead to this row; Unknown stands for any.
	When Answers
	// Flow is the one that fits.
	Flow Flow
	// Platform is the list of the app registration that the redirect URI goes
	// into: "web", "spa" or "publicClient"; empty where there is no redirect.
	Platform string
	// Reason says why this flow, in at most 160 characters.
	Reason string
	// Gives are the tokens that the flow returns in Entra ID, with lifetimes
	// of refresh tokens; NeverGives are what it can't return.
	Gives, NeverGives []string
	// Register is what to enter in the app registration, in order.
	Register []string
	// WrongTurn is the mistake that people make from here and WrongTurnCost
	// what follows from it; together at most 180 characters.
	WrongTurn, WrongTurnCost string
	// Sources are the sections of the standards and the Entra documents.
	Sources []string

	why [3]string // by Question: why the other answer rules this row out
}

// Table returns the whole decision table, in its order. The rows and all their
// slices are the caller's own.
func Table() []Row {
	return []Row{webRow(), spaRow(), nativeRow(), deviceRow(), apiRow(), daemonRow(), noneRow()}
}

// RowByID returns the row with this id.
func RowByID(id string) (Row, bool) {
	for _, row := range Table() {
		if row.ID == id {
			return row, true
		}
	}
	return Row{}, false
}

func webRow() Row {
	return Row{
		ID:       "web",
		Client:   "Web app with a backend",
		Short:    "Web app",
		Detail:   "confidential",
		When:     Answers{Person: Yes, Secret: Yes, Browser: Yes},
		Flow:     AuthorizationCode,
		Platform: "web",
		Reason: "Your server keeps a credential and redeems the code itself: the browser " +
			"never holds a token. PKCE on top, so a stolen code is worthless.",
		Gives:      []string{"access token", "ID token", "refresh token (90 days, sliding)"},
		NeverGives: []string{"application permissions: it acts as the user, never as itself"},
		Register: []string{
			"platform Web, redirect https://app.example/auth/callback",
			"a certificate or a federated credential; a secret only to try things out",
			"delegated permissions for each API it calls",
		},
		WrongTurn: "registering it as a SPA",
		WrongTurnCost: "Entra then wants an Origin header, which a server does not send: " +
			"AADSTS9002327 when the code is redeemed.",
		Sources: []string{
			"RFC 6749 section 4.1",
			"RFC 7636 (PKCE)",
			"RFC 9700 section 2.1.1",
			"OpenID Connect Core 1.0 section 3.1",
			"Entra: authorization code flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow",
		},
		why: [3]string{
			Person:  "nobody is there to sign in to it",
			Secret:  "your code cannot keep its secret",
			Browser: "it signs people in through a browser, and there is none",
		},
	}
}

func spaRow() Row {
	return Row{
		ID:       "spa",
		Client:   "Single-page app",
		Short:    "Single-page app",
		Detail:   "in the browser, public",
		When:     Answers{Person: Yes, Secret: No, Browser: Yes},
		Flow:     AuthorizationCode,
		Platform: "spa",
		Reason: "There is no place to keep a secret, so each sign-in makes its own: the " +
			"verifier. A stolen code is worthless without it.",
		Gives: []string{"access token", "ID token", "refresh token (24 hours, fixed)"},
		NeverGives: []string{
			"a refresh token that outlives the day",
			"application permissions: it acts as the user, never as itself",
		},
		Register: []string{
			"platform SPA, redirect http://localhost:3000",
			"no credential: the page could not keep it",
			"delegated permissions for each API it calls",
		},
		WrongTurn: "implicit",
		WrongTurnCost: "puts the token into the address bar and the history, in reach of " +
			"every script on the page, and brings no refresh token.",
		Sources: []string{
			"RFC 6749 section 4.1",
			"RFC 7636 (PKCE)",
			"RFC 9700 sections 2.1.1 and 2.1.2",
			"OpenID Connect Core 1.0 section 3.1",
			"Entra: authorization code flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow",
			"Entra: refresh tokens, learn.microsoft.com/entra/identity-platform/refresh-tokens",
		},
		why: [3]string{
			Person:  "nobody is there to open the page",
			Secret:  "your code keeps a secret; a page is open to its reader",
			Browser: "it lives in a browser, and there is none",
		},
	}
}

func nativeRow() Row {
	return Row{
		ID:       "native",
		Client:   "Native or mobile app",
		Short:    "Native app",
		Detail:   "installed, public",
		When:     Answers{Person: Yes, Secret: No, Browser: Yes},
		Flow:     AuthorizationCode,
		Platform: "publicClient",
		Reason: "What is installed can be taken apart, so it gets no secret. The system " +
			"browser signs in; the verifier binds the code to your app.",
		Gives:      []string{"access token", "ID token", "refresh token (90 days, sliding)"},
		NeverGives: []string{"application permissions: it acts as the user, never as itself"},
		Register: []string{
			"platform Mobile and desktop, redirect http://localhost (any port will do)",
			"no credential: every copy would carry it",
			"delegated permissions for each API it calls",
		},
		WrongTurn: "shipping a client secret in the app",
		WrongTurnCost: "everyone who installs it has it, and Entra refuses it from a public " +
			"client: AADSTS700025.",
		Sources: []string{
			"RFC 8252 sections 6, 7.3 and 8.5",
			"RFC 6749 section 4.1",
			"RFC 7636 (PKCE)",
			"OpenID Connect Core 1.0 section 3.1",
			"Entra: redirect URI restrictions, learn.microsoft.com/entra/identity-platform/reply-url",
		},
		why: [3]string{
			Person:  "nobody is there to use it",
			Secret:  "your code keeps a secret; an installed app cannot",
			Browser: "it signs in through the system browser, and there is none",
		},
	}
}

func deviceRow() Row {
	return Row{
		ID:       "device",
		Client:   "Command line, TV, device",
		Short:    "Device",
		Detail:   "no browser here",
		When:     Answers{Person: Yes, Secret: No, Browser: No},
		Flow:     DeviceCode,
		Platform: "publicClient",
		Reason: "It has no browser to open, so it shows a short code. The person signs in on " +
			"another device and types it there, while your client polls.",
		Gives: []string{"access token", "ID token", "refresh token (90 days, sliding)"},
		NeverGives: []string{
			"proof that this device is managed: the sign-in happened on another",
			"application permissions: it acts as the user, never as itself",
		},
		Register: []string{
			"Allow public client flows: yes",
			"no redirect URI, no credential",
			"delegated permissions for each API it calls",
		},
		WrongTurn: "asking for the password in the terminal",
		WrongTurnCost: "your code now sees the password, the person learns to type it anywhere, " +
			"and MFA ends it with AADSTS50076.",
		Sources: []string{
			"RFC 8628 sections 3 and 5.4",
			"RFC 9700 section 2.4",
			"Entra: device code flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code",
		},
		why: [3]string{
			Person:  "nobody is there to read the code and type it in",
			Secret:  "it is for clients that cannot keep a secret",
			Browser: "you have a browser: a code to retype only invites phishing",
		},
	}
}

func apiRow() Row {
	return Row{
		ID:     "api",
		Client: "API calling on as the user",
		Short:  "API in the middle",
		Detail: "in the middle",
		When:   Answers{Person: Yes, Secret: Yes, Browser: No},
		Flow:   OnBehalfOf,
		Reason: "The user signed in one hop before. Your API trades the token it was called " +
			"with for one to the next API: same user, new audience.",
		Gives: []string{"access token for the next API", "refresh token (if offline_access is asked for)"},
		NeverGives: []string{
			"a prompt: consent and MFA go back to the client that called",
			"more than the user may do",
		},
		Register: []string{
			"Expose an API: an App ID URI and a scope for the callers",
			"a certificate or a federated credential; a secret only to try things out",
			"delegated permission for the next API, consented to beforehand",
		},
		WrongTurn: "passing the caller's token on as it is",
		WrongTurnCost: "its audience is your API, so the next one must refuse it; " +
			"one that takes it would take anybody's.",
		Sources: []string{
			"Entra: on-behalf-of flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow",
			"RFC 7523 section 2.1",
			"RFC 8693 (the standard's own token exchange)",
			"RFC 9068 section 4 (audience)",
		},
		why: [3]string{
			Person:  "no user has called it, so there is nobody to act for",
			Secret:  "it needs a secret to prove itself",
			Browser: "with a browser it can sign the person in itself",
		},
	}
}

func daemonRow() Row {
	return Row{
		ID:     "daemon",
		Client: "Daemon, service, job",
		Short:  "Daemon",
		Detail: "nobody there",
		When:   Answers{Person: No, Secret: Yes},
		Flow:   ClientCredentials,
		Reason: "Nobody is there to sign in, so the app signs in as itself. Certificate or " +
			"federated credential before secret; an administrator says what it may do.",
		Gives:      []string{"access token, with the app's own roles"},
		NeverGives: []string{"ID token: nobody signed in", "refresh token: it can ask again at any time"},
		Register: []string{
			"a certificate or a federated credential; a secret last",
			"application permissions, with admin consent",
			"no redirect URI",
		},
		WrongTurn: "signing in a service account with its password",
		WrongTurnCost: "MFA stops it with AADSTS50076, and until then a person's password " +
			"lies in a configuration file.",
		Sources: []string{
			"RFC 6749 section 4.4",
			"RFC 7523 section 2.2 (certificate and federated credential)",
			"RFC 9700 section 2.5",
			"Entra: client credentials flow, learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow",
		},
		why: [3]string{
			Person: "a person is present: it would act as itself, not as them",
			Secret: "it proves itself with a credential that your code cannot keep",
		},
	}
}

func noneRow() Row {
	return Row{
		ID:     "none",
		Client: "Unattended, no safe secret",
		Short:  "No flow",
		Detail: "nobody there, nothing kept",
		When:   Answers{Person: No, Secret: No},
		Flow:   None,
		Reason: "Stop: nothing unattended may hold a secret it cannot keep. Managed identity " +
			"or workload identity federation is the way out.",
		NeverGives: []string{"any token: there is nobody to sign in and nothing to prove it with"},
		Register: []string{
			"on Azure: a managed identity; there is no secret to keep",
			"elsewhere: a federated credential for the identity the platform already gives " +
				"(Kubernetes, GitHub Actions, another cloud)",
			"neither: move the call behind an API that can keep one",
		},
		WrongTurn: "a secret baked into the image or the installer",
		WrongTurnCost: "whoever has a copy is your app, and changing the secret breaks " +
			"every copy at once.",
		Sources: []string{
			"RFC 6749 section 2.1",
			"Entra: managed identities, learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview",
			"Entra: workload identity federation",
		},
		why: [3]string{
			Person: "a person is present, so there is a flow",
			Secret: "your code can keep a secret, so there is a flow",
		},
	}
}
