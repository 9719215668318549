package compare

import "flowscope/engine/trace"

// couple is an exchange of each run that belong together; one may be missing.
type couple struct{ a, b *trace.Exchange }

// pair puts together what has the same purpose, in order: the longest row of
// purposes that both runs have in common stays in step, what is in one run alone
// stands where it happened.
func pair(a, b []trace.Exchange) []couple {
	// long[i][j] is the length of that row from a[i] and b[j] on.
	const most = 400 // a device that polled for hours is paired by its beginning and by position
	if len(a) > most || len(b) > most {
		return inStep(a, b)
	}
	long := make([][]int, len(a)+1)
	for i := range long {
		long[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if same(&a[i], &b[j]) {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	var out []couple
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case same(&a[i], &b[j]):
			out = append(out, couple{&a[i], &b[j]})
			i, j = i+1, j+1
		case long[i+1][j] >= long[i][j+1]:
			out = append(out, couple{a: &a[i]})
			i++
		default:
			out = append(out, couple{b: &b[j]})
			j++
		}
	}
	return append(out, rest(a[i:], b[j:])...)
}

func rest(a, b []trace.Exchange) []couple {
	var out []couple
	for i := range a {
		out = append(out, couple{a: &a[i]})
	}
	for j := range b {
		out = append(out, couple{b: &b[j]})
	}
	return out
}

// inStep pairs the nth exchange of a purpose with the nth of the other run.
func inStep(a, b []trace.Exchange) []couple {
	byPurpose := map[trace.Purpose][]*trace.Exchange{}
	for j := range b {
		byPurpose[b[j].Purpose] = append(byPurpose[b[j].Purpose], &b[j])
	}
	var out []couple
	taken := map[*trace.Exchange]bool{}
	for i := range a {
		p := a[i].Purpose
		c := couple{a: &a[i]}
		if queue := byPurpose[p]; len(queue) > 0 {
			c.b, byPurpose[p] = queue[0], queue[1:]
			taken[c.b] = true
		}
		out = append(out, c)
	}
	for j := range b {
		if !taken[&b[j]] {
			out = append(out, couple{b: &b[j]})
		}
	}
	return out
}

// same reports whether two exchanges are the same move.
func same(a, b *trace.Exchange) bool { return a.Purpose == b.Purpose }
