package validate

import (
	"strings"
	"time"
)

// lastSecond is the end of the year 9999, the last moment that a date may name.
const lastSecond = 253402300799

// numericDate is a NumericDate (RFC 7519 section 2), exact to the nanosecond.
type numericDate struct {
	sec  int64
	nano int64
	ok   bool // there, and a date
	odd  bool // written with a fraction or an exponent
	bad  bool // there, and no date
}

func (d numericDate) time() time.Time { return time.Unix(d.sec, d.nano).UTC() }

// parseDate reads the raw text of a JSON number. The problem is "" when the
// number is a date.
func parseDate(raw string) (d numericDate, problem string) {
	if sec, plain := wholeSeconds(raw); plain && sec <= lastSecond {
		return numericDate{sec: sec, ok: true}, ""
	}
	if strings.HasPrefix(raw, "-") {
		return numericDate{bad: true}, "is negative; dates count seconds from 1970 on"
	}
	digits, point := decimal(raw)
	if point > 12 {
		return numericDate{bad: true}, outOfRange(digits, point)
	}
	d = numericDate{sec: take(digits, 0, point), ok: true}
	d.nano = take(digits, point, point+9)
	d.odd = strings.ContainsAny(raw, ".eE")
	if d.sec > lastSecond {
		return numericDate{bad: true}, outOfRange(digits, point)
	}
	return d, ""
}

// wholeSeconds reads a number that is nothing but up to twelve digits.
func wholeSeconds(raw string) (sec int64, ok bool) {
	if len(raw) > 12 {
		return 0, false
	}
	for i := 0; i < len(raw); i++ {
		c := raw[i] - '0'
		if c > 9 {
			return 0, false
		}
		sec = sec*10 + int64(c)
	}
	return sec, true
}

// decimal splits a number without a sign into its digits and the place of the
// decimal point among them: the value is 0.digits times ten to the point.
func decimal(raw string) (digits string, point int) {
	mantissa, exponent := raw, 0
	if i := strings.IndexAny(raw, "eE"); i >= 0 {
		mantissa, exponent = raw[:i], parseExponent(raw[i+1:])
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits = strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "", 0
	}
	point = len(whole) + exponent - (len(whole) + len(fraction) - len(digits))
	return digits, point
}

// parseExponent reads an exponent and stops counting where no date can be.
func parseExponent(s string) int {
	negative := strings.HasPrefix(s, "-")
	n := 0
	for _, c := range strings.TrimLeft(s, "+-") {
		if n = n*10 + int(c-'0'); n > 4*MaxToken {
			n = 4 * MaxToken
		}
	}
	if negative {
		return -n
	}
	return n
}

// take reads the digits from index from up to index to as a whole number;
// where there is no digit, it is a zero.
func take(digits string, from, to int) int64 {
	var n int64
	for i := from; i < to; i++ {
		n *= 10
		if i >= 0 && i < len(digits) {
			n += int64(digits[i] - '0')
		}
	}
	return n
}

// outOfRange says that a number is beyond the year 9999, and recognises the
// usual slip: a finer unit than seconds.
func outOfRange(digits string, point int) string {
	for _, unit := range []struct {
		name  string
		power int
	}{{"milliseconds", 3}, {"microseconds", 6}, {"nanoseconds", 9}} {
		if point != 10+unit.power {
			continue
		}
		at := time.Unix(take(digits, 0, 10), 0).UTC()
		return "looks like " + unit.name + " (" + at.Format(time.RFC3339) + "); dates count seconds"
	}
	return "is beyond the year 9999; dates count seconds from 1970 on"
}
