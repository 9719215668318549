package explain

import (
	"strings"

	"flowscope/engine/trace"
)

// A rule adds to a finding what the trace shows of its cause: evidence, the
// reason in this very case, and the fixes with a retry where one mends it.
type rule func(scene, *Finding)

// ruleFor gives the rule of an answer, by its code, else by its error value;
// nil when there is none.
func ruleFor(a answer) rule {
	if r, ok := codeRule(a.primary()); ok {
		return r
	}
	switch a.oauth {
	case "access_denied", "authorization_declined":
		return consentDeclined
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		return interaction
	case "invalid_scope":
		return scopeGrammar
	case "unsupported_grant_type":
		return grantType
	}
	return nil
}

func codeRule(code int) (rule, bool) {
	r, ok := map[int]rule{
		50011: redirectURI, 500113: noRedirect, 500112: redirectDiffers, 500117: redirectScheme, 500111: redirectScheme,
		700016: unknownClient, 700038: unknownClient, 90002: unknownTenant, 900023: unknownTenant, 700005: otherTenant,
		50059: anyTenant, 50194: anyTenant, 90130: anyTenant, 9001023: anyTenant, 9002332: anyTenant,
		7000215: wrongSecret, 7000222: expiredSecret, 7000218: secretMissing, 7000216: secretMissing, 700025: secretFromPublic,
		9002327: originMissing, 9002326: originSent,
		501481: verifier, 50148: verifier, 9002325: verifier, 501491: challengeFault, 50149: challengeFault,
		54005: codeTwice, 70008: codeExpired, 9002313: malformed, 50027: malformed,
		650053: scopeUnknown, 70011: scopeGrammar, 1002012: scopeDefault, 28000: manyResources, 28003: scopeEmpty,
		500011: resourceUnknown, 650057: resourceNotListed,
		65001: consentMissing, 65004: consentDeclined,
		900144: parameterMissing, 70003: grantType, 900561: method,
		700051: responseType, 700054: responseType, 70007: responseMode,
		50058: interaction, 16000: interaction, 50105: assignment,
		50074: policy, 50076: policy, 50079: policy, 53000: policy, 53003: policy, 530036: policy, 70043: policy, 70044: policy,
		700027: clientAssertion, 50012: clientAssertion, 1000502: clientAssertion, 700024: clientAssertion, 50048: clientAssertion,
		700021: clientAssertion, 5002730: clientAssertion, 5002741: clientAssertion,
		70021: federated, 700211: federated, 700212: federated, 700213: federated, 7002138: federated, 7002137: federated, 500181: federated,
		50013: userAssertion, 500131: userAssertion, 500133: userAssertion, 240002: userAssertion, 7000113: userAssertion,
		90033: busy, 90055: busy,
		50126: account, 50034: account, 50057: account, 50173: revoked,
	}[code]
	return r, ok
}

// see adds evidence: a value on its own.
func (f *Finding) see(label, value, note string) {
	f.Evidence = append(f.Evidence, Evidence{Label: label, Value: value, Note: note, At: -1})
}

// compare adds evidence: a value beside the one it should have been, marked at
// the first difference, and that one in turn.
func (f *Finding) compare(label, value, otherLabel, other, note string) {
	at := firstDifference(value, other)
	f.compareAt(label, value, otherLabel, other, note, at)
}

func (f *Finding) compareAt(label, value, otherLabel, other, note string, at int) {
	f.Evidence = append(f.Evidence,
		Evidence{Label: label, Value: value, Compare: other, Note: note, At: at},
		Evidence{Label: otherLabel, Value: other, Compare: value, At: at})
}

// prepend puts fixes in front of those that the catalogue has.
func (f *Finding) prepend(fixes ...Fix) { f.Fix = append(append([]Fix{}, fixes...), f.Fix...) }

// replaceFixes takes the fixes of this very case in place of the general ones.
func (f *Finding) replaceFixes(fixes ...[]Fix) {
	var all []Fix
	for _, list := range fixes {
		all = append(all, list...)
	}
	if len(all) > 0 {
		f.Fix = all
	}
}

func one(f Fix) []Fix { return []Fix{f} }

// listed lists names for a sentence: a, b and c.
func listed(names []string) string {
	switch n := len(names); {
	case n == 0:
		return ""
	case n == 1:
		return names[0]
	case n > 12:
		return strings.Join(names[:12], ", ") + " and more"
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// authorizeOf gives the authorization request of the run.
func (s scene) authorizeOf() (trace.Exchange, bool) { return s.t.Last(trace.Authorize) }
