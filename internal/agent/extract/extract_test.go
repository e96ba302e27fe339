package extract

import (
	"strings"
	"testing"

	"metr/internal/task"
)

const prompt = "from typing import List\n\n\ndef helper(x):\n    return x\n\n\ndef add(a: int, b: int) -> int:\n    \"\"\"Return a + b.\n    >>> add(1, 2)\n    3\n    \"\"\"\n"

const head = "from typing import List\n\n\ndef helper(x):\n    return x\n\n\n"

func python() *task.Task {
	return &task.Task{ID: "p", Language: task.Python, Function: &task.Function{File: "solution.py", Prompt: prompt, EntryPoint: "add"}, Workspace: task.Tree{"solution.py": {Mode: 0o644, Data: []byte(prompt)}}}
}

func TestFunctionsOfPython(t *testing.T) {
	const def = "def add(a, b):\n    return a + b\n"
	long := strings.TrimSuffix(prompt, "\n") + "\n    return a + b\n"
	for name, tt := range map[string]struct {
		answer string
		rule   Rule
		want   string
		open   bool
	}{
		"a fence":                            {"Sure!\n\n```python\n" + def + "```\nThis adds.", Program, head + def, false},
		"the prompt repeated":                {"```python\n" + long + "```", Program, long, false},
		"tildes":                             {"~~~py\n" + def + "~~~", Program, head + def, false},
		"line ends of Windows":               {"```python\r\ndef add(a, b):\r\n    return a + b\r\n```\r\n", Program, head + def, false},
		"no language":                        {"```\n" + def + "```", Program, head + def, false},
		"a language in capitals":             {"```Python\n" + def + "```", Program, head + def, false},
		"left open":                          {"```python\n" + def, Program, head + def, true},
		"left open before another":           {"```python\n" + def + "```bash\nls\n```", Program, head + def, true},
		"in a list":                          {"1. Do this:\n   ```python\n   def add(a, b):\n       return a + b\n   ```\n2. Done", Program, head + def, false},
		"in an item":                         {"- ```python\n  def add(a, b):\n      return a + b\n  ```", Program, head + def, false},
		"in Markdown":                        {"```markdown\nThe answer:\n```python\n" + def + "```\n```", Program, head + def, false},
		"in longer fences":                   {"````markdown\n```python\n" + def + "```\n````", Program, head + def, false},
		"a fence in a docstring":             {"```python\ndef add(a, b):\n    \"\"\"Adds.\n\n    ```\n    add(1, 2)\n    ```\n    \"\"\"\n    return a + b\n```", Program, head + "def add(a, b):\n    \"\"\"Adds.\n\n    ```\n    add(1, 2)\n    ```\n    \"\"\"\n    return a + b\n", false},
		"a fence with a head in a docstring": {"```python\ndef add(a, b):\n    \"\"\"\n```python\nadd(1, 2)\n```\n    \"\"\"\n    return a + b\n```", Program, head + "def add(a, b):\n    \"\"\"\n```python\nadd(1, 2)\n```\n    \"\"\"\n    return a + b\n", false},
		"examples after it":                  {"```python\n" + def + "```\nUse it so:\n```python\nprint(add(1, 2))\n```", Program, head + def, false},
		"a draft before it":                  {"```python\ndef add(a, b):\n    return a - b\n```\nWait, that is wrong:\n```python\n" + def + "```", Program, head + def, false},
		"a console":                          {"```console\n$ python\n```\n```python\n" + def + "```\n```output\n3\n```", Program, head + def, false},
		"the body, indented":                 {"```python\n    return a + b\n```", Body, prompt + "    return a + b\n", false},
		"the body, flush":                    {"```python\nc = a + b\nreturn c\n```", Body, prompt + "    c = a + b\n    return c\n", false},
		"an indented whole":                  {"```python\n    def add(a, b):\n        return a + b\n```", Program, head + def, false},
		"something else":                     {"```python\ndef sub(a, b):\n    return a - b\n```", Program, head + "def sub(a, b):\n    return a - b\n", false},
		"a lambda":                           {"```python\nadd = lambda a, b: a + b\n```", Program, head + "add = lambda a, b: a + b\n", false},
		"code within a line":                 {"Use ```add``` so:\n```python\n" + def + "```", Program, head + def, false},
		"all in one line":                    {"```python def add(a, b): return a + b```", Program, head + "def add(a, b): return a + b\n", false},
		"reasoning":                          {"<think>\nMaybe\n```python\ndef add(a, b): return 0\n```\n</think>\n```python\n" + def + "```", Program, head + def, false},
		"reasoning opened in the prompt":     {"Maybe a - b?\n</think>\n\n```python\n" + def + "```", Program, head + def, false},
		"reasoning with a fence left open":   {"Maybe\n```python\ndef add\n</think>\n```python\n" + def + "```", Program, head + def, false},
		"a tag in code":                      {"```python\ndef add(a, b):\n    tag = '''\n<think>\n'''\n    return a + b\n```", Program, head + "def add(a, b):\n    tag = '''\n<think>\n'''\n    return a + b\n", false},
		"bare":                               {def, Bare, head + def, false},
		"bare between prose":                 {"Here is the function:\n\n" + def + "\nThis function returns the sum.\n", Bare, head + def, false},
		"bare with calls":                    {"import math\n\n" + def + "\nprint(add(1, 2))\nI hope this helps!", Bare, head + "import math\n\n" + def + "\nprint(add(1, 2))\n", false},
		"a bare body":                        {"    return a + b\n\nThat is all.", Continue, prompt + "    return a + b\n\n", false},
		"a diff":                             {"```diff\n--- a/solution.py\n+++ b/solution.py\n@@ -10,3 +10,9 @@\n     >>> add(1, 2)\n     3\n     \"\"\"\n+    return a + b\n```", Diff, prompt + "    return a + b\n", false},
		"another word at the fence":          {"```tool_code\n" + def + "```", Program, head + def, false},
		"a byte order mark":                  {"\ufeff```python\n" + def + "```", Program, head + def, false},
	} {
		got := Answer(python(), tt.answer)
		if got.Why != "" || got.Rule != tt.rule || got.Open != tt.open || len(got.Patch.Changes) != 1 || string(got.Patch.Changes[0].Data) != tt.want {
			t.Errorf("%s: %q %q open %v notes %q\n%s\nwant %q\n%s", name, got.Rule, got.Why, got.Open, got.Notes, code(got), tt.rule, tt.want)
		}
	}
}

func code(t Taken) string {
	if len(t.Patch.Changes) == 0 {
		return ""
	}
	return string(t.Patch.Changes[0].Data)
}

func TestNothingToTake(t *testing.T) {
	ws := &task.Task{ID: "w", Language: task.Python, Workspace: task.Tree{"a.py": {Data: []byte("x = 1\n")}, "b.py": {Data: []byte("y = 1\n")}}}
	for answer, why := range map[string]string{
		"":                                "the answer is empty",
		" \n\n":                           "the answer is empty",
		"<think>\nWell, perhaps":          "the answer is reasoning alone",
		"I am sorry, I cannot help.":      "the answer holds no code",
		"```python\n\n```":                "the answer's fence is empty",
		"```json\n{\"a\": 1}\n```":        "the answer's fences hold no code in python",
		"<reasoning>x</reasoning>\nNo it": "the answer holds no code",
	} {
		if got := Answer(python(), answer); got.Rule != Nothing || got.Why != why || !got.Patch.Empty() {
			t.Errorf("%q: %+v, want %q", answer, got, why)
		}
	}
	for answer, why := range map[string]string{
		"I would change a.py.":  "the answer holds no code",
		"```python\nx = 2\n```": "the answer's code does not say which file it is",
		"```diff\n--- a/a.py\n+++ b/a.py\n@@ -1,1 +1,1 @@\n-x = 7\n+x = 2\n```": "the patch does not apply",
		"a.py/b.py:\n```python\nx = 1\n```":                                     "is a file, not a folder",
	} {
		if got := Answer(ws, answer); got.Rule != Nothing || !strings.Contains(got.Why, why) || !got.Patch.Empty() {
			t.Errorf("%q: %+v, want %q", answer, got, why)
		}
	}
}

func TestOtherLanguages(t *testing.T) {
	for name, tt := range map[string]struct {
		language             task.Language
		file, prompt, answer string
		rule                 Rule
		want                 string
	}{
		"javascript, whole":  {task.JavaScript, "s.js", "const fs = require('fs')\n\n// Adds.\nfunction add(a, b){\n", "```js\nfunction add(a, b) {\n  return a + b;\n}\n```", Program, "const fs = require('fs')\nfunction add(a, b) {\n  return a + b;\n}\n"},
		"javascript, body":   {task.JavaScript, "s.js", "function add(a, b){\n", "```js\n  return a + b;\n}\n\nconsole.log(add(1, 2));\n```", Body, "function add(a, b){\n  return a + b;\n}\n"},
		"javascript, arrow":  {task.JavaScript, "s.js", "function add(a, b){\n", "```javascript\nconst add = (a, b) => a + b;\n```", Program, "const add = (a, b) => a + b;\n"},
		"javascript, bare":   {task.JavaScript, "s.js", "function add(a, b){\n", "Here:\n\nfunction add(a, b) {\n  return a + b;\n}\n\nIt adds.", Bare, "function add(a, b) {\n  return a + b;\n}\n"},
		"java, whole":        {task.Java, "s.java", "import java.util.*;\n\nclass Add {\n    public static int add(int a, int b) {\n", "```java\nclass Add {\n    public static int add(int a, int b) {\n        return a + b;\n    }\n}\n```", Program, "import java.util.*;\nclass Add {\n    public static int add(int a, int b) {\n        return a + b;\n    }\n}\n"},
		"java, continuation": {task.Java, "s.java", "class Add {\n    public static int add(int a, int b) {\n", "```\n        return a + b;\n    }\n}\nclass More {}\n```", Body, "class Add {\n    public static int add(int a, int b) {\n        return a + b;\n    }\n}\n"},
		"go":                 {task.Go, "s.go", "package main\n\nfunc add(a, b int) int {\n", "```go\npackage main\n\nfunc add(a, b int) int { return a + b }\n```", Program, "package main\n\nfunc add(a, b int) int { return a + b }\n"},
		"go without package": {task.Go, "s.go", "package main\n\nfunc add(a, b int) int {\n", "```go\nfunc add(a, b int) int { return a + b }\n```", Program, "package main\nfunc add(a, b int) int { return a + b }\n"},
		"c++":                {task.Cpp, "s.cpp", "#include <vector>\nusing namespace std;\n\nint add(int a, int b) {\n", "```cpp\nint add(int a, int b) {\n    return a + b;\n}\n```", Program, "#include <vector>\nusing namespace std;\nint add(int a, int b) {\n    return a + b;\n}\n"},
	} {
		tk := &task.Task{ID: "f", Language: tt.language, Function: &task.Function{File: tt.file, Prompt: tt.prompt, EntryPoint: "add"}, Workspace: task.Tree{tt.file: {Mode: 0o644, Data: []byte(tt.prompt)}}}
		if got := Answer(tk, tt.answer); got.Rule != tt.rule || code(got) != tt.want {
			t.Errorf("%s: %q %q\n%s\nwant %q\n%s", name, got.Rule, got.Why, code(got), tt.rule, tt.want)
		}
	}
	mbpp := &task.Task{ID: "m", Language: task.Python, Function: &task.Function{File: "s.py", Asserts: []string{"assert set(similar(1)) == set([1])"}}}
	if got := Answer(mbpp, "```python\ndef similar(x):\n    return [x]\n```\n```python\nassert similar(1)\nprint(similar(2), similar(3), similar(4), similar(5))\n```"); code(got) != "def similar(x):\n    return [x]\n" {
		t.Errorf("mbpp: %+v\n%s", got, code(got))
	}
}

func TestContinuations(t *testing.T) {
	for text, want := range map[string]string{
		"    return a + b\n":                                          "    return a + b\n",
		"    return a + b\n\n\ndef other():\n    pass\n":              "    return a + b\n\n\n",
		"    return (\n        a + b\n)\nprint(1)":                    "    return (\n        a + b\n)\n",
		"    return a + b\n```\n\nThis":                               "    return a + b\n",
		"    s = \"\"\"\nflush\n\"\"\"\n    return a + b\n# end\nx=1": "    s = \"\"\"\nflush\n\"\"\"\n    return a + b\n",
		"    return a + b":                                            "    return a + b\n",
	} {
		if got := Continuation(python(), text); code(got) != prompt+want || got.Rule != Continue {
			t.Errorf("%q: %+v\n%q", text, got, strings.TrimPrefix(code(got), prompt))
		}
	}
	for _, text := range []string{"", "\n\n", "def other():\n    pass"} {
		if got := Continuation(python(), text); text != "def other():\n    pass" && got.Why == "" {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestWorkspaces(t *testing.T) {
	ws := task.Tree{
		"README.md":          {Mode: 0o644, Data: []byte("# shop\n")},
		"shop/cart.py":       {Mode: 0o755, Data: []byte("# cart\nTOTAL = 0\n\n\ndef add(x):\n    pass\n\n\ndef sub(x):\n    pass\n")},
		"shop/stock.py":      {Mode: 0o644, Data: []byte("STOCK = {}\n")},
		"shop/util/stock.ts": {Mode: 0o644, Data: []byte("x\n")},
	}
	added := "# cart\nTOTAL = 0\n\n\ndef add(x):\n    return x\n\n\ndef sub(x):\n    pass\n"
	const fence = "```"
	for name, tt := range map[string]struct {
		answer string
		rule   Rule
		want   map[string]string // "-": deleted
	}{
		"a name in the head":          {fence + "python shop/stock.py\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name after a colon":        {fence + "python:shop/stock.py\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name as an attribute":      {fence + "{.python file=\"shop/stock.py\"}\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name alone":                {fence + "shop/stock.py\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name before":               {"### `shop/stock.py`\n\n" + fence + "python\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a bold name":                 {"**shop/stock.py**:\n" + fence + "\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name in a sentence":        {"Now I change the table in `shop/stock.py` so that it holds one thing:\n" + fence + "\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name in a comment":         {fence + "python\n# shop/stock.py\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name in a label":           {fence + "python\n# File: shop/stock.py\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a new file":                  {"File: shop/new/deep.py\n" + fence + "python\nx = 1\n" + fence, Files, map[string]string{"shop/new/deep.py": "x = 1\n"}},
		"the last of two":             {"shop/stock.py\n" + fence + "\nSTOCK = 1\n" + fence + "\nBetter: shop/stock.py\n" + fence + "\nSTOCK = 2\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 2\n"}},
		"a bare name":                 {"cart.py\n" + fence + "\nx = 1\n" + fence, Files, map[string]string{"shop/cart.py": "x = 1\n"}},
		"an absolute name":            {fence + "python /work/shop/stock.py\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"a name out of the workspace": {fence + "python ../x.py\nx = 1\n" + fence + "\n" + fence + "python shop/stock.py\nSTOCK = 1\n" + fence, Files, map[string]string{"shop/stock.py": "STOCK = 1\n"}},
		"Markdown with a fence":       {fence + "markdown README.md\n# shop\n\n" + fence + "python\nx\n" + fence + "\n" + fence, Files, map[string]string{"README.md": "# shop\n\n" + fence + "python\nx\n" + fence + "\n"}},
		"a diff":                      {fence + "diff\ndiff --git a/shop/cart.py b/shop/cart.py\nindex 1..2 100644\n--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -5,2 +5,2 @@\n def add(x):\n-    pass\n+    return x\n" + fence, Diff, map[string]string{"shop/cart.py": added}},
		"wrong counts":                {fence + "diff\n--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -1,70 +1,99 @@\n # cart\n TOTAL = 0\n\n\n def add(x):\n-    pass\n+    return x\n" + fence, Diff, map[string]string{"shop/cart.py": added}},
		"no counts":                   {fence + "diff\n--- shop/cart.py\n+++ shop/cart.py\n@@ ... @@\n def add(x):\n-    pass\n+    return x\n" + fence, Diff, map[string]string{"shop/cart.py": added}},
		"no prefix of context":        {fence + "diff\n--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -5,2 +5,2 @@\ndef add(x):\n-    pass\n+    return x\n" + fence, Diff, map[string]string{"shop/cart.py": added}},
		"a diff without a fence":      {"The fix:\n\n--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -5,2 +5,2 @@ def\n def add(x):\n-    pass\n+    return x\n\nThat returns what came in.\n", Diff, map[string]string{"shop/cart.py": added}},
		"two hunks":                   {fence + "diff\n--- a/shop/cart.py\n+++ b/shop/cart.py\n@@ -1 +1 @@\n-# cart\n+# the cart\n@@ -9,2 +9,2 @@\n def sub(x):\n-    pass\n+    return -x\n" + fence, Diff, map[string]string{"shop/cart.py": "# the cart\nTOTAL = 0\n\n\ndef add(x):\n    pass\n\n\ndef sub(x):\n    return -x\n"}},
		"a new file in a diff":        {fence + "diff\n--- a/shop/new.py\n+++ b/shop/new.py\n@@ -0,0 +1,9 @@\n+x = 1\n+y = 2\n" + fence, Diff, map[string]string{"shop/new.py": "x = 1\ny = 2\n"}},
		"a deleted file":              {fence + "diff\ndiff --git a/shop/stock.py b/shop/stock.py\ndeleted file mode 100644\n--- a/shop/stock.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-STOCK = {}\n" + fence, Diff, map[string]string{"shop/stock.py": "-"}},
		"apply_patch":                 {"*** Begin Patch\n*** Update File: shop/cart.py\n@@ def add(x):\n def add(x):\n-    pass\n+    return x\n*** Add File: shop/new.py\n+x = 1\n*** Delete File: shop/stock.py\n*** End Patch\n", Diff, map[string]string{"shop/cart.py": added, "shop/new.py": "x = 1\n", "shop/stock.py": "-"}},
		"two diffs for one file":      {fence + "diff\n--- a/shop/stock.py\n+++ b/shop/stock.py\n@@ -1 +1 @@\n-STOCK = {}\n+STOCK = 1\n" + fence + "\nthen\n" + fence + "diff\n--- a/shop/stock.py\n+++ b/shop/stock.py\n@@ -1 +1 @@\n-STOCK = 1\n+STOCK = 2\n" + fence, Diff, map[string]string{"shop/stock.py": "STOCK = 2\n"}},
		"both":                        {"shop/stock.py\n" + fence + "\nSTOCK = 1\n" + fence + "\n" + fence + "diff\n--- a/shop/stock.py\n+++ b/shop/stock.py\n@@ -1 +1 @@\n-STOCK = 1\n+STOCK = 2\n" + fence, Mixed, map[string]string{"shop/stock.py": "STOCK = 2\n"}},
		"the file as it was":          {"shop/stock.py\n" + fence + "\nSTOCK = {}\n" + fence, Files, map[string]string{}},
	} {
		got := Answer(&task.Task{ID: "w", Language: task.Python, Workspace: ws}, tt.answer)
		have := map[string]string{}
		for _, c := range got.Patch.Changes {
			have[c.Path] = string(c.Data)
			if c.Delete {
				have[c.Path] = "-"
			}
			if old, ok := ws[c.Path]; ok && !c.Delete && c.Mode != old.Mode {
				t.Errorf("%s: mode %o", name, c.Mode)
			}
		}
		same := len(have) == len(tt.want)
		for p, w := range tt.want {
			same = same && have[p] == w
		}
		if got.Rule != tt.rule || !same {
			t.Errorf("%s: %q why %q notes %q\n%q\nwant %q %q", name, got.Rule, got.Why, got.Notes, have, tt.rule, tt.want)
		}
	}
}

func TestOneFileWithoutAName(t *testing.T) {
	scoped := &task.Task{ID: "s", Language: task.Python, Graders: []task.Grader{{Name: "scope", Allow: []string{"b.py"}}},
		Workspace: task.Tree{"a.py": {Data: []byte("x\n")}, "b.py": {Data: []byte("y\n")}}}
	alone := &task.Task{ID: "o", Language: task.Python, Workspace: task.Tree{"a.py": {Data: []byte("x\n")}, "README.md": {}}}
	for want, tk := range map[string]*task.Task{"b.py": scoped, "a.py": alone} {
		got := Answer(tk, "Here it is.\n```python\nz = 1\n```\nRun it:\n```sh\npython a.py\n```\n")
		if got.Rule != Single || len(got.Paths) != 1 || got.Paths[0] != want || code(got) != "z = 1\n" {
			t.Errorf("%s: %+v", want, got)
		}
	}
}

// What a model says may be long and made to cost time.
func TestLongAnswers(t *testing.T) {
	ws := &task.Task{ID: "w", Language: task.Python, Workspace: task.Tree{"a.py": {Mode: 0o644, Data: []byte(strings.Repeat("x\n", 1000))}}}
	for _, line := range []string{"```py\n", "```\n~~~\n", "x\n", "@@\n+\n", "--- a/a.py\n+++ b/a.py\n", "</think>\n", "<think>\n", "`a.py`\n", "def f():\n", "\"\"\"\nX\n", "rename from a\n"} {
		text := strings.Repeat(line, maxAnswer/4/len(line))
		for _, tk := range []*task.Task{ws, python()} {
			Answer(tk, "x = 1\n"+text)
		}
	}
	if got := Answer(ws, strings.Repeat("x", maxAnswer+1)); got.Why == "" {
		t.Errorf("%+v", got)
	}
}

// Whatever a model says, there is an answer, and its patch applies.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"```python\nx\n```", "~~~~\n```\n~~~~", "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x\n+y\n", "*** Begin Patch\n*** Delete File: a.py\n*** End Patch", "<think>\n```\n</think>", "``` ```x```\n1. ```\n", "rename from a\nrename to b\n--- a\n+++ b\n@@", "GIT binary patch\nliteral 1\n"} {
		f.Add(s)
	}
	ws := &task.Task{ID: "w", Language: task.Python, Workspace: task.Tree{"a.py": {Mode: 0o644, Data: []byte("x\n")}, "d/b.py": {Mode: 0o644, Data: []byte("y")}}}
	js := &task.Task{ID: "j", Language: task.JavaScript, Function: &task.Function{File: "s.js", Prompt: "function add(a) {\n", EntryPoint: "add"}, Workspace: task.Tree{"s.js": {Mode: 0o644, Data: []byte("function add(a) {\n")}}}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tk := range []*task.Task{ws, js, python()} {
			got := Answer(tk, text)
			if (got.Why == "") == (got.Rule == Nothing) {
				t.Fatalf("%+v", got)
			}
			if _, err := tk.Workspace.Apply(got.Patch); err != nil {
				t.Fatal(err)
			}
			if tk.Function != nil {
				Continuation(tk, text)
			}
		}
	})
}
