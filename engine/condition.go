package engine

import (
	"fmt"
	"slices"

	"flowscope/engine/trace"
)

// switchOn sets the conditions that hold from the start of the run, and keeps the
// others until their purpose comes.
func (s *Session) switchOn() error {
	for _, c := range s.run.Job.Conditions {
		if s.run.Job.Target.Switch == nil {
			return fmt.Errorf("the condition %s belongs to the lab: %s has none", trace.Plain(c.ID), s.run.Job.Target.Name)
		}
		if c.At != "" {
			s.due = append(s.due, c)
			continue
		}
		if err := s.set(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) set(c Condition) error {
	if err := s.run.Job.Target.Switch(c.ID, c.Value); err != nil {
		return fmt.Errorf("condition %s: %w", trace.Plain(c.ID), err)
	}
	s.switched = append(s.switched, c)
	return nil
}

// SwitchDue sets the conditions that wait for this purpose. The gate calls it for
// every exchange; a driver calls it for a step that sends nothing.
func (s *Session) SwitchDue(p trace.Purpose) error {
	var failed error
	s.due = slices.DeleteFunc(s.due, func(c Condition) bool {
		if c.At != p {
			return false
		}
		if err := s.set(c); err != nil {
			failed = err
		}
		return true
	})
	return failed
}

// switchBack puts the conditions back that the run has set.
func (s *Session) switchBack() {
	for _, c := range s.switched {
		_ = s.run.Job.Target.Switch(c.ID, "off") // it could be switched on: it can be switched off
	}
	s.switched = nil
}
