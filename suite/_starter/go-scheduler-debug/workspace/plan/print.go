package plan

import (
	"slices"
	"strings"

	"example.com/rota/job"
)

// Print writes one line a job: its name, what it needs in the order given, and
// its variables in the order of their names.
func Print(jobs []*job.Job) string {
	var b strings.Builder
	for _, j := range jobs {
		b.WriteString(j.Name)
		if len(j.Needs) > 0 {
			b.WriteString(" after " + strings.Join(j.Needs, ","))
		}
		keys := make([]string, 0, len(j.Env))
		for k := range j.Env {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			b.WriteString(" " + k + "=" + j.Env[k])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
