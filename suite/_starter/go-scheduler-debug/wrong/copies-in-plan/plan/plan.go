// Package plan finds an order for jobs.
package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.com/rota/job"
)

// Errors of Order, wrapped.
var (
	ErrUnknown = errors.New("unknown job")
	ErrCycle   = errors.New("jobs need one another")
)

// Order returns the jobs so that each comes after those that it needs. Of two
// that could come next the one of higher priority does, then the earlier one.
// It does not change the jobs.
func Order(jobs []*job.Job) ([]*job.Job, error) {
	jobs = copies(jobs)
	known := make(map[string]bool, len(jobs))
	for _, j := range jobs {
		known[j.Name] = true
	}
	for _, j := range jobs {
		for _, n := range j.Needs {
			if !known[n] {
				return nil, fmt.Errorf("%w: %s needs %s", ErrUnknown, j.Name, n)
			}
		}
	}
	done := make(map[string]bool, len(jobs))
	out := make([]*job.Job, 0, len(jobs))
	for len(out) < len(jobs) {
		next := pick(jobs, done)
		if next == nil {
			return nil, fmt.Errorf("%w: %d of them are left", ErrCycle, len(jobs)-len(out))
		}
		done[next.Name] = true
		out = append(out, next)
	}
	return out, nil
}

// copies returns jobs that share nothing with the given ones.
func copies(jobs []*job.Job) []*job.Job {
	out := make([]*job.Job, len(jobs))
	for i, j := range jobs {
		c := *j
		c.Needs = slices.Clone(j.Needs)
		c.Env = maps.Clone(j.Env)
		out[i] = &c
	}
	return out
}

// pick returns the job that comes next, or nil if none can.
func pick(jobs []*job.Job, done map[string]bool) *job.Job {
	var best *job.Job
	for _, j := range jobs {
		if done[j.Name] || !ready(j, done) {
			continue
		}
		if best == nil || j.Priority > best.Priority {
			best = j
		}
	}
	return best
}

func ready(j *job.Job, done map[string]bool) bool {
	for _, n := range j.Needs {
		if !done[n] {
			return false
		}
	}
	return true
}
