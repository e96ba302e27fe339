// Package suite holds METR's own tasks, embedded in the program: one folder a
// task below _starter (the underscore keeps the go tool out of the tasks' own
// Go files). docs/tasks.md describes a folder.
package suite

import (
	"embed"

	"metr/internal/task"
)

//go:embed all:_starter
var files embed.FS

// Starter returns the starter suite, without a digest.
func Starter() (*task.Suite, error) { return task.LoadSuite(files, "_starter", "starter") }
