// Command subject shows the candidate's jobs and plans to the judge.
package main

import (
	"example.com/rota/config"
	"example.com/rota/job"
	"example.com/rota/plan"
)

func main() {
	serve(table{
		"Plan":        planned,
		"Listed":      listed,
		"NewTemplate": job.NewTemplate,
		"Needs":       func(j *job.Job) []string { return j.Needs },
		"Env":         func(j *job.Job) map[string]string { return j.Env },
		"ErrUnknown":  plan.ErrUnknown,
		"ErrCycle":    plan.ErrCycle,
		"ErrSyntax":   config.ErrSyntax,
	})
}

// planned is the whole way from the configuration to the printed plan.
func planned(text string) (string, error) {
	jobs, err := config.Parse(text)
	if err != nil {
		return "", err
	}
	ordered, err := plan.Order(jobs)
	if err != nil {
		return "", err
	}
	return plan.Print(ordered), nil
}

// listed prints the jobs in the order of the configuration.
func listed(text string) (string, error) {
	jobs, err := config.Parse(text)
	if err != nil {
		return "", err
	}
	return plan.Print(jobs), nil
}
