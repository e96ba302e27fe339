package dataset

import (
	"fmt"
	"strconv"
	"strings"

	"metr/internal/task"
)

// index finds tasks by the ids that sample files use.
type index struct {
	suite *task.Suite
	byID  map[string]*task.Task
	loose map[string]*task.Task // without case, and by number alone where that is one task
}

func indexOf(s *task.Suite) index {
	x := index{s, map[string]*task.Task{}, map[string]*task.Task{}}
	for _, t := range s.Tasks {
		x.byID[t.ID] = t
		x.addLoose(strings.ToLower(t.ID), t)
		if _, err := strconv.Atoi(lastPart(t.ID)); err == nil && t.Function != nil {
			x.addLoose(lastPart(t.ID), t)
		}
	}
	return x
}

func (x index) addLoose(key string, t *task.Task) {
	if _, taken := x.loose[key]; taken {
		t = nil // two tasks: no answer may mean either
	}
	x.loose[key] = t
}

func (x index) find(id string) (*task.Task, bool) {
	if t, ok := x.byID[id]; ok {
		return t, true
	}
	t := x.loose[strings.ToLower(id)]
	return t, t != nil
}

func (x index) hint() string {
	if len(x.suite.Tasks) == 0 {
		return ""
	}
	return fmt.Sprintf(", whose %d ids look like %q", len(x.suite.Tasks), x.suite.Tasks[0].ID)
}
