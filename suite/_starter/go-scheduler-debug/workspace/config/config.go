// Package config reads the text that describes jobs.
package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.com/rota/job"
)

// ErrSyntax is wrapped by the errors of Parse, with the number of the line.
var ErrSyntax = errors.New("bad line")

// Parse reads a configuration and returns its jobs in the order of the text.
func Parse(text string) ([]*job.Job, error) {
	var jobs []*job.Job
	templates := make(map[string]*job.Template)
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		j, err := parseLine(words, templates)
		if err != nil {
			return nil, fmt.Errorf("%w %d: %w", ErrSyntax, i+1, err)
		}
		if j != nil {
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// target is what the words of a line are about: a template or a job.
type target interface {
	Need(name string)
	Set(key, value string)
}

func parseLine(words []string, templates map[string]*job.Template) (*job.Job, error) {
	if len(words) < 2 {
		return nil, errors.New("a name is missing")
	}
	kind, name, rest := words[0], words[1], words[2:]
	var parent *job.Template
	if len(rest) >= 2 && rest[0] == "from" {
		if parent = templates[rest[1]]; parent == nil {
			return nil, fmt.Errorf("no template %s", rest[1])
		}
		rest = rest[2:]
	}
	switch kind {
	case "template":
		t := templates[name]
		switch {
		case t != nil && parent != nil:
			return nil, fmt.Errorf("template %s exists", name)
		case parent != nil:
			t = parent.Extend()
		case t == nil:
			t = job.NewTemplate()
		}
		templates[name] = t
		return nil, apply(t, nil, rest)
	case "job":
		j := job.New(name)
		if parent != nil {
			j = parent.Job(name)
		}
		return j, apply(j, &j.Priority, rest)
	}
	return nil, fmt.Errorf("unknown word %s", kind)
}

// apply gives to what the words say. priority is nil where none is allowed.
func apply(to target, priority *int, words []string) error {
	mode := ""
	for _, w := range words {
		switch {
		case w == "needs" || w == "set" || w == "priority" && priority != nil:
			mode = w
		case mode == "needs":
			to.Need(w)
		case mode == "set":
			key, value, ok := strings.Cut(w, "=")
			if !ok {
				return fmt.Errorf("%s is not KEY=VALUE", w)
			}
			to.Set(key, value)
		case mode == "priority":
			n, err := strconv.Atoi(w)
			if err != nil {
				return fmt.Errorf("priority %s is not a number", w)
			}
			*priority = n
		default:
			return fmt.Errorf("unknown word %s", w)
		}
	}
	return nil
}
