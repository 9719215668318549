package validate

import (
	"strconv"
	"time"
)

// stamp writes a date with its distance from now.
func (r *Report) stamp(d numericDate) string {
	if !d.ok {
		return ""
	}
	at := d.time()
	b := appendDate(make([]byte, 0, 64), at)
	switch gap := seconds(r.now, at); {
	case gap > 0:
		b = appendSeconds(append(b, ", in "...), gap)
	case gap < 0:
		b = append(appendSeconds(append(b, ", "...), -gap), " ago"...)
	default:
		b = append(b, ", now"...)
	}
	return string(b)
}

// appendDate writes a moment in UTC with as much of a fraction as it has. A
// report has half a dozen dates, and time.Format is slow at them.
func appendDate(b []byte, at time.Time) []byte {
	at = at.UTC()
	year, month, day := at.Date()
	if year < 1000 || year > 9999 {
		return at.AppendFormat(b, "2006-01-02 15:04:05.999999999 UTC")
	}
	hour, minute, second := at.Clock()
	b = appendTwo(b, year/100)
	b = appendTwo(b, year%100)
	b = appendTwo(append(b, '-'), int(month))
	b = appendTwo(append(b, '-'), day)
	b = appendTwo(append(b, ' '), hour)
	b = appendTwo(append(b, ':'), minute)
	b = appendTwo(append(b, ':'), second)
	if at.Nanosecond() != 0 {
		b = at.AppendFormat(b, ".999999999")
	}
	return append(b, " UTC"...)
}

func appendTwo(b []byte, n int) []byte { return append(b, '0'+byte(n/10), '0'+byte(n%10)) }

// span writes a duration in at most two units.
func span(d time.Duration) string { return string(appendSpan(make([]byte, 0, 24), d)) }

// seconds counts the time between two moments, rounded. A Duration ends at 292
// years, and a token may name the year 9999.
func seconds(from, to time.Time) int64 {
	sec, nano := to.Unix()-from.Unix(), to.Nanosecond()-from.Nanosecond()
	if nano < 0 {
		sec, nano = sec-1, nano+int(time.Second)
	}
	const half = int(time.Second / 2)
	if nano > half || nano == half && sec >= 0 {
		sec++
	}
	return sec
}

// spanUnits are the units of a span in seconds, the largest first.
var spanUnits = [...]struct {
	size int64
	name string
}{{24 * 3600, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}}

// year is the mean length of a year in seconds (365.2425 days), and ages how many
// of them are too long to be counted in days.
const (
	year = 31556952
	ages = 100
)

func appendSpan(b []byte, d time.Duration) []byte { return appendSeconds(b, int64(d/time.Second)) }

func appendSeconds(b []byte, sec int64) []byte {
	if sec >= ages*year {
		return append(strconv.AppendInt(b, sec/year, 10), " years"...)
	}
	for i, u := range spanUnits[:3] {
		if sec < u.size || i == 0 && sec < 2*u.size {
			continue
		}
		b = append(strconv.AppendInt(b, sec/u.size, 10), u.name...)
		if next := spanUnits[i+1]; sec%u.size >= next.size {
			b = append(strconv.AppendInt(append(b, ' '), sec%u.size/next.size, 10), next.name...)
		}
		return b
	}
	return append(strconv.AppendInt(b, sec, 10), " s"...)
}

// clockExpected says what a date is held against.
func (r *Report) clockExpected(before, allowance string) string {
	b := appendDate(append(make([]byte, 0, 80), before...), r.now.Truncate(time.Second))
	return string(appendSpan(append(b, allowance...), r.skew))
}

func (r *Report) timeSides(i int) (expected, found string) {
	c := &r.Token.c
	switch i {
	case ixExpiry:
		return r.clockExpected("later than ", " less "), r.rawDate("exp", c.exp)
	case ixNotBefore:
		return r.clockExpected("no later than ", " plus "), r.rawDate("nbf", c.nbf)
	case ixIssuedAt:
		return r.clockExpected("no later than ", " plus "), r.rawDate("iat", c.iat)
	}
	start, ok := c.start()
	if ok && c.exp.ok {
		b := make([]byte, 0, 32)
		life := seconds(start, c.exp.time())
		if life < 0 {
			b, life = append(b, "minus "...), -life
		}
		found = string(appendSeconds(b, life))
	}
	return "up to 28 h, and more than 5 min left", found
}

// rawDate shows a date, or the text that is none.
func (r *Report) rawDate(name string, d numericDate) string {
	if d.ok {
		return r.stamp(d)
	}
	v, _ := r.Token.Claims.Get(name)
	return v.Raw
}
