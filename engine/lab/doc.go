// Package lab is an embedded Entra: a tenant with people, applications and
// APIs that real client libraries can't tell apart from the real thing on the
// paths it serves. It is one http.Handler.
//
// It serves the v2.0 and v1.0 endpoints for every grant, both versions of the
// discovery and key documents, the pages for sign-in, consent, device codes and
// sign-out, a small Graph, five APIs and a second issuer. What it does can be
// changed while it runs; see package conditions.
//
// It refuses to send anything anywhere: it makes no request. It shares no code
// with what judges tokens elsewhere in this program, so that one mistake can't
// hide another. Its passwords and secrets are public; serve it on loopback
// only.
//
// # Likeness
//
// What is as in Entra, and the test that shows it. TestLikenessIsWitnessed
// fails when a test that is named here is not there.
//
//	v2.0 and v1.0 discovery: members, order, values, headers     TestDiscoveryDocuments
//	errors of discovery and keys                                 TestDiscoveryErrors
//	issuer and endpoints agree with the host that was asked      TestHostIsFollowed
//	instance discovery, 50049, 50050                             TestInstanceDiscovery, TestMSALInstanceDiscovery
//	user realm discovery                                         TestUserRealm
//	key documents: members, order, issuer of each key            TestKeyDocuments
//	?appid= of an application with a signing key of its own      TestEncryptedByTheTokenEndpoint
//	key rollover: the next key is published before its use       TestKeyRollover
//	documents out of an old cache                                TestStaleDocuments
//	access tokens, each kind: claims and their order, header     TestAccessTokenMembers
//	ID tokens of both versions: claims and their order, header   TestIDTokenMembers
//	at_hash and c_hash, from the front only                      TestIDTokenMembers
//	optional claims: only what a registration asks for           TestAccessTokenMembers, TestIDTokenMembers
//	guests: idp, upn, unique_name, email, acct                   TestAccessTokenMembers, TestIDTokenMembers
//	personal accounts: tenant, issuer, ID tokens for a day       TestIDTokenMembers
//	personal accounts: opaque tokens for Graph                   TestOpaque, TestGraphRefusals
//	groups, and their overage: 200 in a token, 6 in an address   TestGroups
//	Graph answers the overage, page by page or all at once       TestGraphGroups
//	encrypted access tokens                                      TestEncrypted, TestEncryptedByTheTokenEndpoint
//	tokens signed with an application's own key                  TestOwnKey, TestEncryptedByTheTokenEndpoint
//	Graph tokens with a header nonce: nobody else verifies them  TestTokenShapes, TestAccessTokenMembers
//	pairwise sub                                                 TestPairwise, TestUserInfoSubject
//	client_info and login_hint of guests are those of home       TestClientInfoAndLoginHint
//	userinfo at Graph and at the v1.0 path, GET and POST         TestAPIs, TestGraphRefusals
//	Graph: /me, memberOf, users, photo, errors, CORS             TestAPIs, TestGraphGroups, TestGraphRefusals
//	401 and 403 of an API: scopes, roles, people, applications   TestAPIs, TestMoreAPIs
//	claims challenge for step-up: header and claims              TestStepUpAtTheAPI
//	continuous access evaluation: only tokens with cp1 stop      TestContinuousAccessEvaluationAtTheAPI, TestSince
//	outage: 503, 90033, Retry-After, readable across origins     TestOutage
//	throttling: 429, 90055, Retry-After                          TestThrottled
//	50196 for a failing request that is sent over and over        TestLoopDetected
//	authorize: order of errors, page or redirect                 TestAuthorizeErrors
//	redirect URIs: 50011, 500111, 500113, 500117, 90102, 900971  TestAuthorizeErrors, TestOddRedirectURIs, TestRedirectIsASCII
//	single sign-on, account choice, sid, login_hint, prompt=none  TestSingleSignOn, TestPickedAccount, TestPrompts
//	guests, pending guests, personal accounts: who may enter     TestWhoMayEnter, TestGuestObject
//	sessions revoked, expired, too old for max_age or a policy   TestSessionsThatDoNotCount
//	tenant restrictions: 500021                                  TestTenantRestrictions
//	wrong passwords, lockout, expired passwords                  TestSignInErrors, TestLockout, TestExpiredPassword
//	second factor: demanded, denied, registered                  TestSecondFactor, TestFactorRegistration
//	Conditional Access on pages and as redirect                  TestConditionalAccess, TestStepUpByClaims
//	consent: per person, incremental, combined, pre-authorised   TestConsent, TestCombinedConsent, TestPreAuthorizedClient
//	who may consent: 90094, 90095 and the request                TestAdministratorConsent, TestConsentByPolicy
//	administrator's consent, v2.0 and v1.0, application roles    TestAdminConsent, TestAdminConsentErrors, TestV1AdminConsentPrompt
//	implicit and hybrid flow: members, order, fragment           TestFrontChannelTokens, TestFrontChannelErrors
//	v1.0 authorize: resource, static consent, 90027              TestV1Authorize
//	the page for a device code: 90119, 90120, 70018 to 70020     TestDevicePage, TestDevicePageErrors, TestDevicePageByPolicy
//	sign-out: which account, front-channel, post-logout URI      TestSignOutOfOne, TestSignOutChoice, TestFrontChannelSignOut, TestLogout
//	every AADSTS code of the lab: status, error, suberror, claims  TestEveryError
//	error bodies of the token endpoint: members, order, headers  TestTokenErrors, TestTokenMethodAndContent
//	a redirect carries code, state and session_state             TestRedirectCarriesCodeStateSession
//	authorization code + PKCE, by platform type                  TestAuthorizationCode, TestTokenErrors, TestPKCEWithoutMethodIsPlain
//	a code is good once, and one of many at once wins            TestOneRedemptionWins, TestRedemptionIsDecidedOnce
//	refresh tokens: the old one stays good, SPA for a day        TestRefresh, TestRefreshTokenErrors, TestSPARefreshEndsADayAfterSignIn
//	refresh in another tenant, as the guest that one is there    TestRefreshInAnotherTenant
//	client credentials: secret, Basic, OpenID scopes passed over  TestClientCredentials, TestTokenPreflightAndBasic
//	certificate assertions: PS256, RS256, thumbprints, times     TestCertificateAssertions, TestCertificateAssertionErrors, TestCertificateForPeople
//	federated assertions: exact issuer, subject, audience        TestFederatedAssertions, TestOwnTokenAsFederatedAssertion
//	device code: response, both spellings, polls, expiry         TestDeviceResponse, TestDeviceFlow, TestDevicePolls, TestDeviceRequestErrors
//	on-behalf-of: audience, credential, consent, sign-in facts   TestOnBehalfOf, TestOnBehalfOfErrors, TestSecondFactorCarriesOver
//	tokens of an own signing key are no source on behalf of      TestCustomSigningKeyOnBehalfOf
//	password grant, accepted or refused by policy; lockout       TestPasswordGrant, TestPasswordErrors, TestPasswordLockout
//	v1.0 token endpoint: resource, strings, order of members     TestTokenEndpointV1, TestClientCredentialsV1, TestErrorsV1
//	policies and account events: 50173, 70043, 530036, 500341    TestPoliciesAtTheTokenEndpoint
//	claims parameter: capabilities, contexts, longer lifetimes   TestContextSatisfied, TestLifetimeUnderEvaluation
//	assignment required: 50105, 501051                           TestAssigned, TestAssignmentAtTheTokenEndpoint, TestAssignmentOfApplication
//	CORS of the token endpoint, errors included                  TestTokenPreflightAndBasic, TestTokenErrors
//	MSAL Go completes every flow it supports                     TestMSALGoByCode, TestMSALGoClientCredentials, TestMSALGoDeviceCode, TestMSALGoOnBehalfOf, TestMSALGoPassword, TestMSALGoInteractive, TestMSALGoClaimsChallenge
//	x/oauth2 completes every flow it supports                    TestOAuth2ByCode, TestOAuth2ClientCredentials, TestOAuth2Device, TestOAuth2Password, TestOAuth2OnBehalfOf
//	any ID token or token for another API is refused             TestIDTokenAtAPI, TestAPIs
//
// Clients from outside the module (azidentity, go-oidc, msal-node and
// openid-client) are put through every flow they support by .ci/clients, with
// nothing but configuration.
//
// Beyond Entra's own behaviour, the lab has troubles around it: slow answers
// (TestSlow), a captive portal (TestCaptivePortal), an API without CORS or
// without an audience check (TestCarelessOrdersAPI), and an issuer outside
// Entra (TestFederation).
//
// # Differences
//
// Known ones:
//
//   - v1.0 issuers are on the lab's host; Entra's are on sts.windows.net.
//   - Graph, userinfo and the APIs are paths on the lab's host.
//   - The words of error messages are the lab's own, and error_uri points at the
//     lab; codes, members and variable parts are Entra's.
//   - Instance discovery answers for the lab's own hosts alone, each with itself
//     as its only alias.
//   - Discovery names mtls_endpoint_aliases and a Kerberos endpoint as Entra
//     does; nothing answers there.
//   - aio, rh and xms_ftd are random; Entra's hold something.
//   - The nonce of a Graph token is hashed in one way that is not confirmed to be
//     Entra's; the effect, a signature that only Graph can check, is.
//   - Tokens are encrypted with RSA-OAEP and A256GCM; which algorithms Entra takes
//     is not confirmed. Their kid is made from the public key.
//   - The default claims of v1.0 ID tokens are not confirmed.
//   - ?appid= of an application with a key of its own publishes that key alone.
//   - Applications get no continuous access evaluation, people only.
//   - Graph shows the names of groups to callers with User.Read.
//   - 50196 answers identical failing requests only, from the 21st within five
//     minutes on; Entra's limits are not known, and it counts successes as well.
//   - User name and password are on one page, and nobody is asked whether to stay
//     signed in: a session lasts a day.
//   - The second factor is approved on a page, and sign-ins that Entra would stop
//     for other reasons, such as risk, go on.
//   - Each account of a session has its own session_state. A browser keeps eight.
//   - max_age is honoured, which is not confirmed of Entra.
//   - The code for an ID token asked for without openid (70005), for an unknown
//     prompt (90023) and for bad characters in a code challenge (50147) are not
//     confirmed.
//   - The check session iframe is there and says nothing.
//   - A request for an administrator's approval goes nowhere: sign in as one.
//   - A person who declines a device code is told by authorization_declined with
//     65004: the code beside it is not confirmed.
//   - v2.0 pages for device codes are on the lab's host, Entra's on
//     login.microsoft.com; the text of message is the lab's own.
//   - A client assertion's aud may be the issuer, and its nbf may lie five minutes
//     ahead; neither is confirmed of Entra. jti is not remembered.
//   - state comes back as it was sent, HTML in it included; it is escaped where it
//     is shown.
//   - Errors of the v1.0 endpoints hold their code once. Three keys are published
//     at a time; Entra has four to eight.
//   - The password grant and on-behalf-of bring ID token and refresh token to a
//     client that has any consent of the person, since they have no page on which
//     the OpenID Connect scopes could be asked for.
//   - The code of a single-page app is redeemed for any Origin.
//   - A client_id that is no GUID answers 700016.
//   - The directory has no managed identities, no agents and no token binding.
//   - An outage lasts until it is switched off, whatever Retry-After says.
package lab
