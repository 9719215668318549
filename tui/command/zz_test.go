package command_test
import ("testing";"fmt";"strings";"time";"encoding/json")
func TestZZ(t *testing.T) {
	for _, a := range []string{"", "run authorization-code --fault consent-declined", "run authorization-code --fault state --json", "run authorization-code --json", "token --help", "decide --help","decide --person yes --secret no --browser yes --record", "explain foo", "explain AADSTS123456", "explain hello world", "explain invalid_grant --json"} {
		b := newBench(t)
		s := time.Now()
		code := b.run(strings.Fields(a)...)
		fmt.Printf("\n##### flowscope %s -> %d (%s)\n%s\n-- err --\n%s", a, code, time.Since(s), b.out.String(), b.err.String())
	}
	_ = json.Valid
	b := newBench(t)
	b.run("run","authorization-code","--with-secrets")
	for _, l := range strings.Split(b.out.String(),"\n") {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "eyJ") {
			bb := newBench(t); bb.in = strings.NewReader(l); bb.lab = b.lab
			for _, args := range [][]string{{"token"},{"token","--ascii", "--audience", "x"}, {"token","--audience","f4f9cdd6-0c3f-428f-94f5-b424da1d3acb"}} {
			bb.in = strings.NewReader(l)
			code := bb.run(args...)
			fmt.Println("####",args, code); fmt.Println(bb.out.String()); fmt.Println(bb.err.String())
			}
			break
		}
	}
}
