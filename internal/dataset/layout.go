package dataset

import (
	"path"
	"strings"
	"time"

	"metr/internal/task"
)

// layout is what METR knows of one data set: how its rows look, where it is
// published, and under which limits its programs run.
type layout struct {
	word    string // the suite's name
	dataset string // task.Function.Dataset
	folder  string // its folder in a copy of several data sets
	title   string
	licence string
	created string // the day of the paper that published it
	lang    task.Language
	limits  task.Limits
	match   func(f *fields) bool
	task    func(l *layout, f *fields) *task.Task
	files   []published // the first one is fetched; the others are found in a folder
}

// published is a file as its publisher offers it.
type published struct {
	name   string // of the file, also in the cache and on a mirror
	url    string
	sha256 string // of the file at url
	alias  string // a name under which copies of it go around
}

// Limits of one program under test. HumanEval's own harness allows 3 s of
// elapsed time and MBPP's customary ones 3 to 10; CPU time is the fairer
// measure on a busy machine, and MBPP/123 alone needs some 3 s of it. EvalPlus
// bounds every input by the reference's own time, so that the limit here is
// only a backstop; so is the wall time everywhere.
var (
	shortLimits  = task.Limits{CPU: 5 * time.Second, Wall: 20 * time.Second, Memory: 1 << 30}
	mbppLimits   = task.Limits{CPU: 15 * time.Second, Wall: 60 * time.Second, Memory: 1 << 30}
	manyInLimits = task.Limits{CPU: 60 * time.Second, Wall: 180 * time.Second, Memory: 4 << 30} // as EvalPlus: some outputs take a gigabyte
)

// Where the files come from. The digests are of the published files: those of
// HumanEval, MBPP+ and MBXP and the text of mbpp.jsonl were checked against
// copies; sanitized-mbpp.json is the copy's rows on one line.
const (
	humanEvalAt = "https://raw.githubusercontent.com/openai/human-eval/6d43fb980f9fee3c892a914eda09951f772ad10d/data/"
	mbppAt      = "https://raw.githubusercontent.com/google-research/google-research/f82046ba5aabbbb427dbfd38a254d26bff08b533/mbpp/"
	hePlusAt    = "https://github.com/evalplus/humanevalplus_release/releases/download/v0.1.10/"
	mbppPlusAt  = "https://github.com/evalplus/mbppplus_release/releases/download/v0.2.0/"
	mbxpAt      = "https://raw.githubusercontent.com/amazon-science/mxeval/e09974f990eeaf0c0e8f2b5eaff4be66effb2c86/data/mbxp/"
)

// mbxp is the layout of one of MBXP's files, which differ in language alone.
func mbxp(word, title string, lang task.Language, file, sha256 string) layout {
	return layout{
		word: word, dataset: "mbxp", folder: "mxeval", title: title,
		licence: "CC-BY-4.0", created: "2022-10-26", lang: lang, limits: mbppLimits,
		match: mbxpRows(lang),
		task:  mbxpTask,
		files: []published{{file, mbxpAt + file, sha256, file + ".gz"}},
	}
}

var layouts = []layout{
	{
		word: "humaneval", dataset: "humaneval", folder: "humaneval", title: "HumanEval",
		licence: "MIT", created: "2021-07-07", lang: task.Python, limits: shortLimits,
		match: func(f *fields) bool {
			return f.has("prompt", "entry_point", "test") && !f.has("language") && !f.has("base_input")
		},
		task: humanEvalTask,
		files: []published{{"HumanEval.jsonl.gz", humanEvalAt + "HumanEval.jsonl.gz",
			"b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef", "HumanEval.jsonl"}},
	},
	{
		word: "humaneval+", dataset: "evalplus", folder: "evalplus", title: "HumanEval+",
		licence: "Apache-2.0", created: "2023-05-02", lang: task.Python, limits: manyInLimits,
		match: func(f *fields) bool { return f.has("base_input", "plus_input") && f.idHas("HumanEval/") },
		task:  evalPlusTask,
		files: []published{
			{"HumanEvalPlus.jsonl.gz", hePlusAt + "HumanEvalPlus.jsonl.gz",
				"272720b90ac375502c8ed23cd791c2a93dfb22a911641a494da74a426c09f101", "HumanEvalPlus.jsonl"},
			{"HumanEvalPlus-Mini.jsonl.gz", hePlusAt + "HumanEvalPlus-Mini.jsonl.gz",
				"91486741f1627101021fbe50523df08eebb5b0bf5e804b633dcd5ca3c14dbd2f", "HumanEvalPlus-Mini.jsonl"},
		},
	},
	{
		word: "mbpp", dataset: "mbpp", folder: "mbpp", title: "MBPP",
		licence: "CC-BY-4.0", created: "2021-08-16", lang: task.Python, limits: mbppLimits,
		match: func(f *fields) bool { return f.has("text", "code", "test_list") },
		task:  mbppTask,
		files: []published{{"mbpp.jsonl", mbppAt + "mbpp.jsonl",
			"ccf64ceae9c5403bf50a044cb6d505bfd2a2963ee58338ba268fd65beab92a9f", "mbpp.jsonl.gz"}},
	},
	{
		word: "mbpp-sanitized", dataset: "mbpp", folder: "mbpp", title: "MBPP sanitized",
		licence: "CC-BY-4.0", created: "2021-08-16", lang: task.Python, limits: mbppLimits,
		match: func(f *fields) bool { return f.has("prompt", "code", "test_list") && !f.has("text") },
		task:  sanitizedTask,
		files: []published{{"sanitized-mbpp.json", mbppAt + "sanitized-mbpp.json",
			"ca95deaa9a01ef0a6f439f88bcf0dd3db3563d22f22aad6cae04ebb9a8d8c8e9", "sanitized-mbpp.json.gz"}},
	},
	{
		word: "mbpp+", dataset: "evalplus", folder: "evalplus", title: "MBPP+",
		licence: "Apache-2.0", created: "2023-05-02", lang: task.Python, limits: manyInLimits,
		match: func(f *fields) bool { return f.has("base_input", "plus_input") && f.idHas("Mbpp/") },
		task:  mbppPlusTask,
		files: []published{{"MbppPlus.jsonl.gz", mbppPlusAt + "MbppPlus.jsonl.gz",
			"af43697e8791c4c149bdfd6b489d8b5412507551ac20e28a439f650b8225db63", "MbppPlus.jsonl"}},
	},
	mbxp("mbxp-python", "MBXP Python", task.Python, "mbpp_release_v1.jsonl", "2ea7949f20ed5ecaacf4c9970d29430ec3f13772f4dd379665b1234f14b0ec3e"),
	mbxp("mbxp-js", "MBXP JavaScript", task.JavaScript, "mbjsp_release_v1.2.jsonl", "9e443a1911bcedd8b5193f43d3217666fbf669cd00d54265941a8eb17e396f5a"),
	mbxp("mbxp-typescript", "MBXP TypeScript", task.TypeScript, "mbtsp_release_v1.2.jsonl", "7c4fbf66cd8189d5f3f6a78ce201782571d083a1d89ee3730c0235317d44d769"),
	mbxp("mbxp-java", "MBXP Java", task.Java, "mbjp_release_v1.2.jsonl", "139a0fcdff2f4c6d456c546c82f43a1f389dfe3125f5f2c3f6a12f478483dffd"),
	mbxp("mbxp-cpp", "MBXP C++", task.Cpp, "mbcpp_release_v1.2.jsonl", "34a842515927e230eb2bd6e409a44c80a852b0afcbe1172786bd08cfef8b85b0"),
	mbxp("mbxp-go", "MBXP Go", task.Go, "mbgp_release_v1.1.jsonl", "90f519222a4c45bdbed8309076433d2f573c6f37329a848581fa789839b67da8"),
	mbxp("mbxp-perl", "MBXP Perl", task.Perl, "mbplp_release_v1.jsonl", "1293f40e442bda81f1d39ab3769ab8136dfc823f7b41420294c1a1d3bf1d2b2f"),
}

// mbxpRows recognises MBXP's rows in a language.
func mbxpRows(l task.Language) func(f *fields) bool {
	return func(f *fields) bool { return f.has("prompt", "test", "entry_point") && f.is("language", string(l)) }
}

func layoutOf(word string) (*layout, bool) {
	for i := range layouts {
		if layouts[i].word == word {
			return &layouts[i], true
		}
	}
	return nil, false
}

// names lists the file names under which copies of the data set go.
func (l *layout) names() []string {
	var out []string
	for _, p := range l.files {
		out = append(out, p.name, p.alias)
	}
	return out
}

// layoutOfRow finds the layout of a data set's first row.
func layoutOfRow(f *fields) (*layout, error) {
	switch format, err := f.format(); {
	case err != nil:
		return nil, err
	case format == Samples, format == Predictions:
		return nil, f.errorf("holds %s; expected the rows of a data set", format)
	case format == SWEBench:
		return nil, f.errorf("holds %s, which are not function-level tasks; expected one of %s",
			format, strings.Join(Words(), ", "))
	}
	for i := range layouts {
		if layouts[i].match(f) {
			return &layouts[i], nil
		}
	}
	if f.has("language") {
		lang, _ := f.optStr("language")
		return nil, f.errorf("holds rows in the language %q; expected one of %s", lang, strings.Join(mbxpLanguages(), ", "))
	}
	return nil, f.errorf("holds task id %q with base_input and plus_input; expected ids that begin with HumanEval/ or Mbpp/", f.id("task_id"))
}

// mbxpLanguages lists the languages of MBXP that are known.
func mbxpLanguages() []string {
	var out []string
	for _, l := range layouts {
		if l.dataset == "mbxp" {
			out = append(out, string(l.lang))
		}
	}
	return out
}

// idHas reports whether the row's task id begins so.
func (f *fields) idHas(prefix string) bool {
	id, _ := stringOf(f.m["task_id"])
	return strings.HasPrefix(id, prefix)
}

// is reports whether a field is that string, in whatever case.
func (f *fields) is(name, want string) bool {
	s, ok := stringOf(f.m[name])
	return ok && strings.EqualFold(s, want)
}

// lastPart is the part of a task id after its last slash.
func lastPart(id string) string { return path.Base(id) }
