package dataset

import (
	"encoding/json"
	"io"
)

// Format is what a file holds, in words that complete "holds ...".
type Format string

// The formats that are told apart by the keys of the first row.
const (
	Rows        Format = "the rows of a function-level data set"
	SWEBench    Format = "SWE-bench rows"
	Samples     Format = "samples"
	Predictions Format = "predictions"
)

// Recognise says what the file at path holds by its content; its name does not
// matter. It reads the first row alone.
func Recognise(path string) (Format, error) {
	file, err := open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return recognise(path, file)
}

func recognise(name string, r io.Reader) (Format, error) {
	text, err := plain(name, r)
	if err != nil {
		return "", err
	}
	for row, err := range rows(name, text) {
		if err != nil {
			return "", err
		}
		f, err := row.fields()
		if err != nil {
			return "", err
		}
		return f.format()
	}
	return "", inputErr(name, 0, "is empty; expected the rows of a data set, samples or predictions")
}

// format tells what the row belongs to. What an answer carries comes first:
// samples may repeat keys of the problem that they answer.
func (f *fields) format() (Format, error) {
	switch {
	case f.has("model_patch"):
		return Predictions, nil
	case f.has("instance_id", "base_commit"):
		return SWEBench, nil
	case f.has("task_id", "completion"), f.has("task_id", "solution"):
		return Samples, nil
	case f.has("task_id", "base_input", "plus_input"),
		f.has("task_id", "prompt", "entry_point", "test"),
		f.has("task_id", "text", "code", "test_list"),
		f.has("task_id", "prompt", "code", "test_list"):
		return Rows, nil
	}
	return "", f.errorf("holds rows with the keys %s, which are of no known format; "+
		"expected a data set (task_id and prompt or text), samples (task_id and completion or solution) "+
		"or predictions (instance_id and model_patch)", f.keys())
}

// stringOf decodes a JSON string.
func stringOf(raw json.RawMessage) (string, bool) {
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, true
}
