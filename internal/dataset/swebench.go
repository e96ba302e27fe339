package dataset

import (
	"fmt"
	"io"
	"slices"

	"metr/internal/task"
)

// SWEBenchReport collects graded predictions for one run report in SWE-bench's
// schema 2. It counts ids, so it takes one prediction a task.
type SWEBenchReport struct {
	suite    *task.Suite
	outcomes map[string]task.Outcome
	empty    map[string]bool
	reasons  map[string]string
}

// NewSWEBenchReport begins the report of a run over s.
func NewSWEBenchReport(s *task.Suite) *SWEBenchReport {
	return &SWEBenchReport{s, map[string]task.Outcome{}, map[string]bool{}, map[string]string{}}
}

// Add takes one graded prediction.
func (r *SWEBenchReport) Add(a Answer, at task.Attempt) error {
	if a.TaskID != at.Task || a.Epoch != at.Epoch {
		return belongs(a, at)
	}
	if _, twice := r.outcomes[a.TaskID]; twice {
		return fmt.Errorf("task %s has more than one prediction; a SWE-bench report counts each id once: write one report an epoch", a.TaskID)
	}
	r.outcomes[a.TaskID] = at.Outcome
	r.empty[a.TaskID] = a.Text == ""
	if at.Outcome == task.Invalid {
		r.reasons[a.TaskID] = at.Reason
	}
	return nil
}

// Write writes the report. An invalid attempt is an infra_failure; METR has no
// ambiguous failures, and a patch that does not apply is unresolved.
func (r *SWEBenchReport) Write(w io.Writer) error {
	submitted, completed, incomplete := []string{}, []string{}, []string{}
	resolved, unresolved, infra, empty := []string{}, []string{}, []string{}, []string{}
	for _, t := range r.suite.Tasks {
		o, ok := r.outcomes[t.ID]
		if !ok {
			incomplete = append(incomplete, t.ID)
			continue
		}
		submitted = append(submitted, t.ID)
		switch {
		case r.empty[t.ID]:
			empty = append(empty, t.ID)
			continue
		case o == task.Invalid:
			infra = append(infra, t.ID)
			continue
		case o == task.Solved:
			resolved = append(resolved, t.ID)
		default:
			unresolved = append(unresolved, t.ID)
		}
		completed = append(completed, t.ID)
	}
	out := []member{{"total_instances", jsonOf(len(r.suite.Tasks))}}
	lists := []struct {
		name string
		ids  []string
	}{
		{"submitted", submitted}, {"completed", completed}, {"incomplete", incomplete}, {"resolved", resolved},
		{"unresolved", unresolved}, {"infra_failure", infra}, {"ambiguous_failure", []string{}},
		{"empty_patch", empty}, {"error", []string{}},
	}
	for _, l := range lists {
		if l.name != "incomplete" { // listed by the schema, not counted
			out = append(out, member{l.name + "_instances", jsonOf(len(l.ids))})
		}
	}
	for _, l := range lists {
		slices.Sort(l.ids)
		out = append(out, member{l.name + "_ids", jsonOf(l.ids)})
	}
	out = append(out, member{"failure_reasons", jsonOf(r.reasons)}, member{"schema_version", jsonOf(2)})
	_, err := w.Write(append(object(out), '\n'))
	return err
}
