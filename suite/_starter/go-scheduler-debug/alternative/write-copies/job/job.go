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
func (j *Job) Need(name string) { j.Needs = with(j.Needs, name) }

// with returns a new list: names and one more. Lists of names are never written
// to, so that jobs and templates may share them.
func with(names []string, name string) []string {
	return append(append(make([]string, 0, len(names)+1), names...), name)
}

// Set gives the job a variable.
func (j *Job) Set(key, value string) { j.Env[key] = value }
