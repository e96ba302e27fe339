package job

import (
	"maps"
	"slices"
)

// Template holds what several jobs have in common.
type Template struct {
	needs []string
	env   map[string]string
}

// NewTemplate returns an empty template.
func NewTemplate() *Template {
	return &Template{env: make(map[string]string)}
}

// Need adds the name of a job that must run before the jobs of this template.
func (t *Template) Need(name string) { t.needs = append(t.needs, name) }

// Set gives the jobs of this template a variable.
func (t *Template) Set(key, value string) { t.env[key] = value }

// Extend returns a new template that begins with all that t has now.
func (t *Template) Extend() *Template {
	return &Template{needs: slices.Clone(t.needs), env: maps.Clone(t.env)}
}

// Job returns a new job that begins with all that t has now.
func (t *Template) Job(name string) *Job {
	return &Job{Name: name, Needs: slices.Clone(t.needs), Env: maps.Clone(t.env)}
}
