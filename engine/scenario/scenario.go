// Package scenario tells stories: situations of practice, each as one or more
// acts, each act one run with its prediction. They are found by name, told
// before they are run, and run against the same target in order, so that what
// one act grants counts in the next.
//
// It runs nothing itself, and it brings about nothing but what a job can ask
// for: a flow, a client, a person, a fault, conditions of the lab. What an act
// switches is put back at the end of its run.
package scenario

import (
	"fmt"
	"strings"

	"flowscope/decision"
	"flowscope/engine"
	"flowscope/engine/fault"
	"flowscope/engine/trace"
)

// Scenario is one story.
type Scenario struct {
	ID    string
	Title string // at most 60 cells
	About string // the situation, one or two sentences
	Acts  []Act
}

// Act is one run of a story.
type Act struct {
	Title string
	Tells string // what happens in it, told beforehand
	// Job gives the run. It fails when the target has no such client, account or
	// service.
	Job      func(engine.Target) (engine.Job, error)
	Predicts string        // in the words of a fault's prediction; fault.Works for tokens
	At       trace.Purpose // the exchange whose status is predicted; empty: the call of the API
	Lesson   string
	Attack   *fault.Attack // the act from the attacker's side; nil: there is none
}

// Outcome compares what came of the act's run with its prediction. Code and
// checks are those of the run's first finding, as for a fault.
func (a Act) Outcome(t *trace.Trace, code string, checks ...string) fault.Outcome {
	at := a.At
	if at == "" {
		at = trace.CallAPI
	}
	return fault.Fault{Predicts: a.Predicts, Purpose: at}.Outcome(t, code, checks...)
}

// Fits gives nil when every act can be run against the target, else the reason
// of the first that can't.
func (s Scenario) Fits(t engine.Target) error {
	for i, a := range s.Acts {
		job, err := a.Job(t)
		if err != nil {
			return fmt.Errorf("act %d, %s: %w", i+1, a.Title, err)
		}
		if len(job.Conditions) > 0 && job.Target.Switch == nil {
			return fmt.Errorf("act %d, %s: it needs a condition of the lab, and %s has none", i+1, a.Title, t.Name)
		}
	}
	return nil
}

// All gives the whole collection, in the order in which it is listed.
func All() []Scenario {
	var out []Scenario
	for _, list := range [][]Scenario{choices(), mistakes(), sessions(), tokens(), attacks()} {
		out = append(out, list...)
	}
	return out
}

// Find gives the scenario with this id, and false when there is none.
func Find(id string) (Scenario, bool) {
	for _, s := range All() {
		if s.ID == id {
			return s, true
		}
	}
	return Scenario{}, false
}

// tweak changes a job before it is run.
type tweak func(*engine.Job) error

// run gives the job of an act: a flow as one of the target's clients.
func run(flow decision.Flow, client string, tweaks ...tweak) func(engine.Target) (engine.Job, error) {
	return func(t engine.Target) (engine.Job, error) {
		job, err := t.Job(flow, client)
		for _, change := range tweaks {
			if err == nil {
				err = change(&job)
			}
		}
		return job, err
	}
}

// elsewhere is run in the target's tenant of this domain.
func elsewhere(domain string, act func(engine.Target) (engine.Job, error)) func(engine.Target) (engine.Job, error) {
	return func(t engine.Target) (engine.Job, error) {
		for _, other := range t.Elsewhere {
			if other.Domain == domain {
				return act(other)
			}
		}
		return engine.Job{}, fmt.Errorf("%s knows no tenant %s", t.Name, domain)
	}
}

// as says who signs in.
func as(username string) tweak {
	return func(job *engine.Job) error {
		if _, ok := job.Target.Account(username); !ok {
			return fmt.Errorf("%s has no account %s", job.Target.Name, username)
		}
		job.User = username
		return nil
	}
}

// broken lays a fault over the job. It comes last.
func broken(id string) tweak {
	return func(job *engine.Job) error {
		f, err := fault.Find(id, *job)
		if err == nil {
			*job = f.Apply(*job)
		}
		return err
	}
}

// while holds a condition of the lab for the length of the run, or from an
// exchange on.
func while(id, value string, at trace.Purpose) tweak {
	return func(job *engine.Job) error {
		job.Conditions = append(job.Conditions, engine.Condition{ID: id, Value: value, At: at})
		return nil
	}
}

// with says how the client proves itself.
func with(kind engine.CredentialKind) tweak {
	return func(job *engine.Job) error { job.Credential = kind; return nil }
}

// asking asks for these scopes in place of the client's own.
func asking(scopes ...string) tweak {
	return func(job *engine.Job) error { job.Scopes = scopes; return nil }
}

// calling calls this service of the target, by its name.
func calling(name string) tweak {
	return func(job *engine.Job) error {
		for _, s := range job.Target.Services {
			if s.Name == name {
				job.Call = s.URL
				return nil
			}
		}
		return fmt.Errorf("%s has no service %q", job.Target.Name, name)
	}
}

// beside calls another route of the API that is called.
func beside(path string) tweak {
	return func(job *engine.Job) error {
		i := strings.LastIndexByte(job.Call, '/')
		if i < 0 {
			return fmt.Errorf("%s calls no API", job.Client.Key)
		}
		job.Call = job.Call[:i] + path
		return nil
	}
}

// edited changes one exchange of the run.
func edited(c trace.Change) tweak {
	return func(job *engine.Job) error { job.Changes = append(job.Changes, c); return nil }
}

// Accounts, scopes and services of the lab that the stories are about.
const (
	ada   = "ada@contoso.example"
	vera  = "vera@contoso.example"
	grace = "grace@contoso.example"
	noor  = "noor@fabrikam.example"

	ordersScope = "api://orders.contoso.example/access_as_user"
	ordersRead  = "api://orders.contoso.example/Orders.Read"
	stockScope  = "api://inventory.contoso.example/stock.read"

	myTasks  = "Orders API: my tasks"
	stock    = "Inventory API: stock"
	fabrikam = "fabrikam.onmicrosoft.com"
)
