package lab

import (
	"flowscope/engine/lab/conditions"
	"flowscope/engine/lab/directory"
)

// FederationPath is where the lab's second issuer is served, behind scheme and
// host; its key set is at /keys below it.
const FederationPath = directory.FederationPath

// SecretExpired is the name of the condition under which client secrets count
// as expired.
const SecretExpired = conditions.SecretExpired

// FederationKey is the private key of the lab's second issuer (PEM, PKCS #8),
// public by intent: who has it can be the build service that one application
// trusts.
func FederationKey() string { return directory.FederationKey() }

// FederationCertificate is the certificate of that key (PEM).
func FederationCertificate() string { return directory.FederationCertificate() }
