package dataset

import (
	"fmt"
	"strings"

	"metr/internal/task"
)

// newTask is what the tasks of a data set have in common.
func (l *layout) newTask(id string, fn *task.Function) *task.Task {
	fn.Dataset = l.dataset
	fn.File = "solution." + suffixes[l.lang]
	return &task.Task{
		ID: id, Version: 1, Title: l.title + " " + lastPart(id),
		Kind: task.Complete, Language: l.lang,
		Licence: l.licence, Created: l.created, Limits: l.limits,
		Graders:  []task.Grader{{Name: "build", Required: true}, {Name: "tests", Required: true}},
		Function: fn,
	}
}

// suffixes of a program's file, by its language.
var suffixes = map[task.Language]string{
	task.Python: "py", task.JavaScript: "js", task.TypeScript: "ts", task.Java: "java", task.Cpp: "cpp", task.Go: "go", task.Perl: "pl",
}

// start sets the workspace's one file and the instruction that goes with it.
func start(t *task.Task, name, text, instruction string) {
	if name != "" {
		t.Title += ": " + name
	}
	t.Workspace = task.Tree{t.Function.File: {Mode: 0o644, Data: []byte(text)}}
	t.Instruction = instruction + "\n\n```" + string(t.Language) + "\n" + strings.Trim(text, "\n") + "\n```\n"
}

// complete asks for the rest of a function whose head is the prompt.
func complete(t *task.Task, name, prompt string) {
	start(t, name, prompt, fmt.Sprintf(
		"The file %s holds the head of the function `%s` and says what it is to do. "+
			"Write its body into that file. Keep the function's name and its parameters, and leave a whole %s "+
			"file behind that can be loaded without doing anything else. "+
			"Hidden tests call the function; nothing but %s is looked at.",
		t.Function.File, name, spoken(t.Language), t.Function.File))
}

// whole asks for a program from a description and one test.
func whole(t *task.Task, text string) {
	start(t, "", text, fmt.Sprintf(
		"The file %s describes a function in a comment, with one test as an example of its name and use. "+
			"Write the function into that file, which must load without doing anything else. "+
			"Hidden tests call the function; nothing but %s is looked at.",
		t.Function.File, t.Function.File))
}

func spoken(l task.Language) string {
	switch l {
	case task.JavaScript:
		return "JavaScript"
	case task.TypeScript:
		return "TypeScript"
	case task.Cpp:
		return "C++"
	}
	return strings.ToUpper(string(l[:1])) + string(l[1:])
}

func humanEvalTask(l *layout, f *fields) *task.Task {
	prompt, solution := f.nonEmpty("prompt"), f.nonEmpty("canonical_solution")
	t := l.newTask(f.id("task_id"), &task.Function{
		Prompt: prompt, EntryPoint: f.nonEmpty("entry_point"),
		Test: f.nonEmpty("test"), Reference: prompt + solution,
	})
	complete(t, t.Function.EntryPoint, prompt)
	t.Solution = t.Answer(solution)
	return t
}

func mbppPlusTask(l *layout, f *fields) *task.Task {
	t := evalPlusTask(l, f)
	t.Function.Asserts = []string{f.str("assertion")}
	whole(t, t.Function.Prompt)
	return t
}

func evalPlusTask(l *layout, f *fields) *task.Task {
	prompt, solution := f.nonEmpty("prompt"), f.nonEmpty("canonical_solution")
	t := l.newTask(f.id("task_id"), &task.Function{
		Prompt: prompt, EntryPoint: f.nonEmpty("entry_point"), Reference: prompt + solution,
		BaseInput: f.lists("base_input"), PlusInput: f.lists("plus_input"), Atol: f.num("atol"),
	})
	complete(t, t.Function.EntryPoint, prompt)
	t.Solution = t.Answer(solution)
	return t
}

func mbppTask(l *layout, f *fields) *task.Task {
	t := l.newTask("MBPP/"+f.id("task_id"), &task.Function{
		Setup: f.str("test_setup_code"), Asserts: f.asserts(), Reference: f.nonEmpty("code"),
	})
	return described(t, f.nonEmpty("text"))
}

func sanitizedTask(l *layout, f *fields) *task.Task {
	t := l.newTask("MBPP/"+f.id("task_id"), &task.Function{
		Imports: f.strs("test_imports"), Asserts: f.asserts(), Reference: f.nonEmpty("code"),
	})
	return described(t, f.nonEmpty("prompt"))
}

// asserts reads MBPP's list of tests, which must not be empty: a task without
// a test would be solved by anything.
func (f *fields) asserts() []string {
	list := f.strs("test_list")
	if f.err == nil && len(list) == 0 {
		f.fail("field %q is an empty list; expected at least one test", "test_list")
	}
	return list
}

// described finishes an MBPP task: its text and its first assert as a docstring,
// which is how the data set is customarily put to models.
func described(t *task.Task, text string) *task.Task {
	doc := strings.TrimSpace(text)
	if len(t.Function.Asserts) > 0 {
		doc += "\n" + strings.TrimSpace(t.Function.Asserts[0])
	}
	doc = strings.ReplaceAll(strings.ReplaceAll(doc, `\`, `\\`), `"""`, `\"\"\"`)
	whole(t, "\"\"\"\n"+doc+"\n\"\"\"\n")
	t.Solution = t.Program(t.Function.Reference)
	return t
}

func mbxpTask(l *layout, f *fields) *task.Task {
	if !f.is("language", string(l.lang)) {
		f.fail("field %q: expected %q, like the rows before it", "language", l.lang)
	}
	prompt := f.nonEmpty("prompt")
	t := l.newTask(f.id("task_id"), &task.Function{
		Prompt: prompt, EntryPoint: f.nonEmpty("entry_point"), Test: f.nonEmpty("test"),
	})
	complete(t, t.Function.EntryPoint, prompt)
	// Some rows have no solution (28 of JavaScript, all of Go and Perl); theirs is
	// the empty patch.
	if solution, ok := f.optStr("canonical_solution"); ok {
		t.Function.Reference = prompt + solution
		t.Solution = t.Answer(solution)
	}
	return t
}
