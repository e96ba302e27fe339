package dataset

import (
	"encoding/json"
	"io"
	"iter"
	"os"
	"strings"

	"metr/internal/task"
)

// Form says what an answer's text is.
type Form string

// The forms of answers.
const (
	Completion Form = "completion" // goes after the task's prompt
	Solution   Form = "solution"   // the whole program
	Diff       Form = "diff"       // a unified diff against the workspace; "" changes nothing
)

// Answer is one sample or prediction, made elsewhere, for a task of a suite.
type Answer struct {
	TaskID string // as the suite spells it
	Epoch  int    // from 1: the how-manieth for its task, in the file's order
	Form   Form
	Text   string
	Model  string          // as the file names it; "" if it does not
	File   string          // the file that it stands in
	Line   int             // and the line; 0 where the file is the answer
	Row    json.RawMessage // the row as it was read (JSON as Python writes it); nil where the file is the answer
}

// Patch returns the answer as a patch of its task, a function-level one; ok is
// false for a diff, which package workspace reads.
func (a Answer) Patch(t *task.Task) (p task.Patch, ok bool) {
	switch {
	case a.Form == Diff || t.Function == nil:
		return task.Patch{}, false
	case a.Form == Solution:
		return t.Program(a.Text), true
	}
	return t.Answer(a.Text), true
}

// Answers is a checked file or folder of answers, ready to be gone through.
type Answers struct {
	Path   string
	Format Format
	Count  int // answers
	Epochs int // of the task that has most
	Tasks  int // that have an answer

	index  index
	folder []sourceFile
}

// OpenAnswers reads the answers at path once to check every one of them against
// the suite, so that a mistake in its last line is found before anything is
// graded. A folder is taken for EvalPlus's layout, TASK_ID/N.py. Memory holds
// one answer at a time.
func OpenAnswers(path string, s *task.Suite) (*Answers, error) {
	a := &Answers{Path: path, index: indexOf(s)}
	info, err := os.Stat(path)
	if err != nil {
		return nil, inputErr(path, 0, "cannot be read: %v", cause(err))
	}
	if info.IsDir() {
		a.Format = Samples
		if a.folder, err = sourceFiles(path); err != nil {
			return nil, err
		}
	}
	tasks := map[string]bool{}
	for ans, err := range a.All() {
		if err != nil {
			return nil, err
		}
		a.Count++
		a.Epochs = max(a.Epochs, ans.Epoch)
		tasks[ans.TaskID] = true
	}
	a.Tasks = len(tasks)
	if a.Count == 0 {
		return nil, inputErr(path, 0, "is empty; expected samples or predictions")
	}
	return a, nil
}

// All goes through the answers in the file's order, reading as it goes, and
// ends after the first error. It can be called again.
func (a *Answers) All() iter.Seq2[Answer, error] {
	if a.folder != nil {
		return a.fromFolder()
	}
	return func(yield func(Answer, error) bool) {
		f, err := open(a.Path)
		if err != nil {
			yield(Answer{}, err)
			return
		}
		defer f.Close()
		for ans, err := range a.from(f) {
			if !yield(ans, err) || err != nil {
				return
			}
		}
	}
}

// from reads answers from the text of a file, compressed or not.
func (a *Answers) from(r io.Reader) iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		text, err := plain(a.Path, r)
		if err != nil {
			yield(Answer{}, err)
			return
		}
		epochs := map[string]int{}
		for row, err := range rows(a.Path, text) {
			var ans Answer
			if err == nil {
				ans, err = a.answer(row)
			}
			if err != nil {
				yield(Answer{}, err)
				return
			}
			epochs[ans.TaskID]++
			ans.Epoch = epochs[ans.TaskID]
			if !yield(ans, nil) {
				return
			}
		}
	}
}

// answer reads one row. The first row fixes whether the file holds samples or
// predictions.
func (a *Answers) answer(r row) (Answer, error) {
	f, err := r.fields()
	if err != nil {
		return Answer{}, err
	}
	if a.Format == "" {
		if a.Format, err = f.format(); err != nil {
			return Answer{}, err
		}
		if a.Format != Samples && a.Format != Predictions {
			return Answer{}, r.errorf("holds %s; expected samples or predictions", a.Format)
		}
	}
	ans := Answer{File: r.file, Line: r.line, Row: r.raw}
	var id string
	switch {
	case a.Format == Predictions:
		ans.Form = Diff
		ans.Text, _ = f.optStr("model_patch") // null is SWE-bench's way to say "no patch"
		if !f.has("model_patch") {
			f.rawField("model_patch", "a unified diff")
		}
		id = f.idOr("instance_id", r.key)
	case f.has("solution"):
		ans.Form, ans.Text = Solution, f.str("solution")
		id = f.idOr("task_id", r.key)
	default:
		id = f.idOr("task_id", r.key)
		ans.Form, ans.Text = Completion, f.str("completion")
	}
	for _, name := range []string{"model_name_or_path", "model"} {
		if s, ok := f.optModel(name); ok {
			ans.Model = s
			break
		}
	}
	if f.err != nil {
		return Answer{}, f.err
	}
	t, ok := a.index.find(id)
	if !ok {
		return Answer{}, r.errorf("task %q is not in suite %s%s", id, a.index.suite.Name, a.index.hint())
	}
	if lang, ok := stringOf(f.m["language"]); ok && a.Format == Samples && !strings.EqualFold(lang, string(t.Language)) {
		return Answer{}, r.errorf("field %q: expected %q, the language of task %s, found %q", "language", t.Language, t.ID, lang)
	}
	if ans.Form != Diff && t.Function == nil {
		return Answer{}, r.errorf("task %s takes a patch, not a %s; expected predictions with instance_id and model_patch", t.ID, ans.Form)
	}
	ans.TaskID = t.ID
	return ans, nil
}

// idOr is the id in a field or, where the field is missing, the key of a map.
func (f *fields) idOr(name, key string) string {
	if !f.has(name) && key != "" {
		return key
	}
	return f.id(name)
}

// optModel is a string that is only shown: of another type it is ignored.
func (f *fields) optModel(name string) (string, bool) { return stringOf(f.m[name]) }
