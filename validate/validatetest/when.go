package validatetest

import (
	"strings"
	"time"

	"flowscope/validate"
)

// times are tokens whose dates are the point.
//
// long because every way to write and to miss a date stands here once.
func times() []Case {
	h, want := Header(), WantUser()
	var out []Case
	add := func(name, says, lesson string, claims []string, fails ...string) *Case {
		out = append(out, Case{Name: name, Token: Sign(h, Claims(UserV2(), claims...)), Want: want, Fails: fails, Says: says, Lesson: lesson})
		return &out[len(out)-1]
	}
	at := func(d time.Duration) string { return seconds(Now().Add(d)) }
	add("expired", "has expired", "Renew the token, or compare your clock.", list("iat", at(-80*time.Minute), "nbf", at(-80*time.Minute), "exp", at(-10*time.Minute)), "expiry")
	add("expired to the second", "has expired", "At exp plus five minutes it is over (RFC 7519 section 4.1.4: on or after).", list("exp", at(-5*time.Minute)), "expiry")
	add("expired within the allowance", "less than the allowance", "Clocks differ; five minutes are allowed, and remarked.", list("exp", at(-299*time.Second))).Warn = list("expiry")
	add("expired, no allowance", "has expired", "Without an allowance the end is the end.", list("exp", at(0)), "expiry").Want.Skew = -1
	add("issued in a moment, no allowance", "", "With no allowance fresh tokens fail now and then.", list("iat", at(2*time.Second), "nbf", at(2*time.Second)), "not-before", "issued-at").Want.Skew = -1
	add("not yet", "not be used yet", "nbf is in the future.", list("nbf", at(301*time.Second)), "not-before")
	add("in a moment", "moment", "Within the allowance it may be used, with a remark.", list("nbf", at(60*time.Second))).Warn = list("not-before")
	add("issued in the future", "in the future", "The clock of issuer or reader is wrong.", list("iat", at(10*time.Minute)), "issued-at")
	add("time zone, an hour ahead", "", "Local time taken for UTC.", list("iat", at(50*time.Minute), "nbf", at(50*time.Minute), "exp", at(2*time.Hour)), "not-before", "issued-at")
	add("time zone, an hour behind", "has expired", "Local time taken for UTC, the other way round.", list("iat", at(-130*time.Minute), "nbf", at(-130*time.Minute), "exp", at(-65*time.Minute)), "expiry")
	add("exp is missing", "never ends", "A token without an end is refused.", list("exp", ""), "expiry")
	add("nbf is missing", "from when", "nbf is not required.", list("nbf", "")).NotRun = list("not-before")
	add("iat is missing", "when it was issued", "iat is not required of access tokens.", list("iat", "")).NotRun = list("issued-at")
	for _, c := range []struct{ name, raw, says string }{
		{"exp as a string", `"1772370600"`, "is a string"}, {"exp negative", "-5", "negative"}, {"exp 1e400", "1e400", "9999"}, {"exp minus 1e400", "-1e400", "negative"},
		{"exp in milliseconds", "1772370600000", "milliseconds"}, {"exp in microseconds", "1772370600000000", "microseconds"}, {"exp in nanoseconds", "1772370600000000000", "nanoseconds"},
		{"exp of a thousand digits", strings.Repeat("9", 1000), "9999"}, {"exp beyond 64 bits", "18446744073709551617", "9999"}, {"exp is null", "null", "is null"}, {"exp is true", "true", "is a boolean"},
		{"exp is an array", "[1772370600]", "is an array"}, {"exp is an object", "{}", "is an object"}, {"exp with a huge exponent", "1e99999999999999999999", "9999"},
	} {
		add(c.name, c.says, "A date is a number of seconds from 1970 on, and nothing else.", list("exp", c.raw), "format").NotRun = list("expiry")
	}
	add("nbf as a string", "is a string", "nbf is a date, too.", list("nbf", `"1"`), "format").NotRun = list("not-before")
	add("iat negative", "negative", "iat is a date, too.", list("iat", "-1"), "format").NotRun = list("issued-at")
	add("exp is zero", "has expired", "1970 is over.", list("exp", "0"), "expiry")
	add("exp with a tiny exponent", "", "Read exactly it is next to nothing, and that is over.", list("exp", "1e-400"), "expiry")
	add("exp with a fraction", "fraction", "A fraction is legal (RFC 7519 section 2), and some libraries cannot read it.", list("exp", at(time.Hour)+".5")).Warn = list("format", "expiry")
	add("exp with an exponent", "exponent", "So is an exponent.", list("exp", "1.7723706e9")).Warn = list("format", "expiry")
	add("nbf and iat with a fraction", "fraction", "Microseconds of a clock.", list("iat", at(-time.Minute)+".123456", "nbf", at(-time.Minute)+".123456")).Warn = list("format", "not-before", "issued-at")
	add("expired by a fraction", "has expired", "Half a second counts when it is read exactly.", list("exp", at(-301*time.Second)+".5"), "expiry")
	add("lives for a year", "28 hours", "Whoever gets hold of it has all that time.", list("exp", at(365*24*time.Hour))).Warn = list("lifetime")
	add("ends within five minutes", "within five minutes", "A request may still be on its way when it ends.", list("exp", at(4*time.Minute))).Warn = list("lifetime")
	add("ends before it begins", "no moment", "Begin and end are exchanged.", list("exp", at(time.Minute), "nbf", at(2*time.Minute))).Warn = list("lifetime", "not-before")
	add("number with a leading zero", "JSON", "JSON knows no such number.", list("exp", "1772370600"), "format")
	c := &out[len(out)-1]
	c.Token = Sign(h, strings.Replace(Claims(UserV2(), "exp", "1772370600"), ":1772370600", ":01772370600", 1))
	c.Kind = validate.KindOpaque // the claims end there
	add("number in hexadecimal", "", "JSON knows no such number.", list("exp", "1772370600"), "format")
	c = &out[len(out)-1]
	c.Token = Sign(h, strings.Replace(Claims(UserV2(), "exp", "1772370600"), ":1772370600", ":0x69a42968", 1))
	c.Kind = validate.KindOpaque
	return append(out, Case{Name: "ID token without iat", Kind: validate.KindID, Token: Sign(h, Claims(IDV2(), "iat", "")), Want: WantID(), Warn: list("issued-at"), Lesson: "An ID token has to say when it was issued."})
}
