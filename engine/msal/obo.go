package msal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"flowscope/engine"
	"flowscope/engine/trace"
)

// planOnBehalfOf is an API that calls another one as the person who called it
// (Entra: v2-oauth2-on-behalf-of-flow; RFC 7523 section 2.1), with the hop before
// it that obtains the first token.
func planOnBehalfOf(job engine.Job) (engine.Plan, error) {
	kind, err := needCredential(job.Client, job.Credential)
	if err != nil {
		return engine.Plan{}, err
	}
	if len(job.Client.Downstream) == 0 {
		return engine.Plan{}, errNoDownstream
	}
	p := engine.Plan{
		Flow: job.Flow, Client: job.Client, Title: title(job, kind),
		Scopes: append(slices.Clone(oidcScopes), append(slices.Clone(job.Scopes), job.Client.Downstream...)...),
	}
	if job.Given == "" {
		caller, own, err := callerOf(job)
		if err != nil {
			return engine.Plan{}, err
		}
		p.Title += ", called by " + clientWords(caller.Key)
		p.Steps = codeSteps(own)
		if slices.ContainsFunc(job.Scopes, isDefault) {
			p.Steps[1].Why += " It asks for .default of the API: one consent page then covers that API and the one behind it."
		}
	}
	p.Steps = append(p.Steps, middleSteps(job, proofs[kind])...)
	if job.Given != "" {
		for i := range p.Steps {
			p.Steps[i].Fault = "" // they are about the first hop's tokens
		}
	}
	engine.Number(p.Steps)
	return p, nil
}

// callerOf gives the application that signs the person in, with its credential.
func callerOf(job engine.Job) (engine.Client, engine.CredentialKind, error) {
	caller, ok := job.SignsIn()
	switch {
	case !ok:
		return caller, "", errNoCaller
	case caller.RedirectURI == "":
		return caller, "", errNoRedirect
	}
	kind, err := credentialOf(caller, engine.NoCredential)
	return caller, kind, err
}

// Errors of a job whose client is an API in the middle.
var (
	errNoDownstream = errors.New("the API in the middle names no API behind it: give it a scope to ask for on behalf of the person")
	errNoCaller     = errors.New("no application of the target signs people in: choose one, or give an access token of your own")
)

// middleSteps are the steps from the call of the API in the middle on.
func middleSteps(job engine.Job, how proof) []engine.Step {
	var steps []engine.Step
	if job.Call != "" {
		steps = append(steps, engine.Step{
			Title: "Call the API in the middle", Label: "GET " + engine.PathOf(job.Call), From: trace.App, To: trace.API, Channel: trace.Back, Purpose: trace.CallMiddle,
			Why:    "The application calls its own API with the token that is for it. To answer, that API needs another one, as the same person.",
			Guards: "The API checks the token first. It must not pass it on: its audience is this API, and the one behind has to refuse it.",
		})
	}
	first := engine.Step{
		Title: "The API reads the metadata", Label: "metadata", From: trace.API, To: trace.Entra, Channel: trace.Back, Purpose: trace.Metadata,
		Why: "The API is a client too, now: a confidential one, with a client id and a credential of its own.", Guards: "A tenant that does not exist is noticed here.",
	}
	steps = append(steps, first, engine.Step{
		Title: "Exchange the token", Label: "token + " + how.sent, From: trace.API, To: trace.Entra, Channel: trace.Back, Purpose: trace.OnBehalfOf,
		Why:    "The API hands in the token it was called with, as proof that the person is there, and asks for one to the API behind. " + how.why,
		Guards: "Only the API that the token is for may exchange it (AADSTS500131), and never an ID token (AADSTS240002). The API can show no page: where consent or a second factor is missing, it hands the claims of the error back to the application. " + how.guards,
		Fault:  "obo-id-token",
	}, engine.Step{
		Title: "Receive the second token", Label: "tokens", From: trace.Entra, To: trace.API, Channel: trace.Back, Purpose: trace.Answer,
		Why:    "The same person, another audience, and the API in the middle as the client: azp, or appid in a v1.0 token, names it.",
		Guards: "It may do what the person may do and what the API was granted for people: roles of the API itself are no part of it.",
	})
	if url := job.Client.DownstreamURL; url != "" {
		steps = append(steps, engine.Step{
			Title: "Call on", Label: "GET " + engine.PathOf(url), From: trace.API, To: trace.Downstream, Channel: trace.Back, Purpose: trace.CallDownstream,
			Why:    "The API behind sees the person, not only a trusted neighbour: it can decide for this person alone.",
			Guards: "It refuses the first token (wrong audience) and one of the application alone (nobody signed in).",
			Fault:  "other-api",
		})
	}
	job.Call = ""
	keys := tail(job)
	return append(steps, keys...)
}

// firstPrompt asks for consent anew on the lab: one page lists what both APIs
// are for, and only where something is asked at all (Entra: knownClientApplications).
// People of a real tenant are not asked twice.
func firstPrompt(job engine.Job) string {
	if job.Prompt != "" || job.Target.Live || !slices.ContainsFunc(job.Scopes, isDefault) {
		return job.Prompt
	}
	return "consent"
}

func isDefault(scope string) bool { return strings.HasSuffix(scope, "/.default") }

func (d Driver) runOnBehalfOf(ctx context.Context, s *engine.Session) error {
	job := s.Job()
	assertion := job.Given
	if assertion == "" {
		caller, kind, err := callerOf(job)
		if err != nil {
			return err
		}
		first := job
		first.Client, first.Credential, first.Prompt = caller, kind, firstPrompt(job)
		h, err := newHop(s, first)
		if err != nil {
			return err
		}
		if err := h.signIn(ctx); err != nil {
			return err
		}
		token, ok := s.Trace().Token(trace.AccessToken)
		if !ok {
			return engine.ErrNoToken
		}
		assertion = token.Value
	}
	if job.Call != "" {
		s.Enter(trace.CallMiddle)
		if _, err := s.Bearer(ctx, job.Call, assertion); err != nil {
			return err
		}
	}
	if err := exchange(ctx, s, assertion); err != nil {
		return err
	}
	second, ok := s.Trace().Token(trace.AccessToken)
	if !ok || job.Client.DownstreamURL == "" {
		return nil
	}
	s.Enter(trace.CallDownstream)
	_, err := s.Bearer(ctx, job.Client.DownstreamURL, second.Value)
	return err
}

// exchange lets the API in the middle trade the token it was called with.
func exchange(ctx context.Context, s *engine.Session, assertion string) error {
	job := s.Job()
	client, err := newConfidential(job, job.Client, job.CredentialKind(), &doer{s: s, purpose: trace.OnBehalfOf})
	if err != nil {
		return err
	}
	s.EnterNext(trace.Metadata)
	claims := "" // those of the job are for the sign-in, where there is one
	if job.Given != "" {
		claims = job.Claims
	}
	r, err := client.AcquireTokenOnBehalfOf(ctx, assertion, job.Client.Downstream, confidential.WithClaims(claims))
	if _, sent := s.Exchange(trace.OnBehalfOf); !sent && err != nil {
		return answerError(s, trace.Metadata, err)
	}
	want := ask{purpose: trace.OnBehalfOf, client: job.Client, scopes: job.Client.Downstream, caller: "user"}
	_, err = collect(s, want, exhibit{"AcquireTokenOnBehalfOf", r.GrantedScopes, r.Account.PreferredUsername}, err)
	return err
}
