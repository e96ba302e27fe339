// Package job holds jobs and the templates that they are made from.
package job

// Job is something to be run after the jobs that it needs.
type Job struct {
	Name     string
	Priority int
	Needs    []string          // names of other jobs, in the order in which they were given
	Env      map[string]string // variables that the job sees
}

// New returns a job without needs and variables.
func New(name string) *Job {
	return &Job{Name: name, Env: make(map[string]string)}
}

// Need adds the name of a job that must run before this one.
func (j *Job) Need(name string) { j.Needs = append(j.Needs, name) }

// Set gives the job a variable.
func (j *Job) Set(key, value string) { j.Env[key] = value }
