package judge

import (
	"fmt"
	"strings"
	"testing"
)

// same compares the printed jobs of a configuration with the wanted lines.
func same(s *S, function, text string, want ...string) {
	got := s.Call(function, text).Str()
	if w := strings.Join(want, "\n") + "\n"; got != w {
		s.Errorf("%s of\n%s\ngot\n%swant\n%s", function, text, got, w)
	}
}

const reported = `
template base needs checkout lint vet
job checkout
job lint
job vet
job api from base needs schema
job web from base needs assets
job schema priority -1
job assets
`

func TestTypicalReport(t *testing.T) {
	s := subject(t)
	same(s, "Plan", reported,
		"checkout", "lint", "vet", "assets",
		"web after checkout,lint,vet,assets",
		"schema",
		"api after checkout,lint,vet,schema")
}

func TestTypicalNoTemplate(t *testing.T) {
	s := subject(t)
	same(s, "Plan", "job a needs c\njob b priority 2 set X=1\njob c",
		"b X=1", "c", "a after c")
}

func TestTypicalOneJob(t *testing.T) {
	s := subject(t)
	same(s, "Listed", "template base needs z y x set B=2 A=1\njob a from base needs w set A=9",
		"a after z,y,x,w A=9 B=2")
}

func TestStateManyJobs(t *testing.T) {
	s := subject(t)
	for _, n := range []int{1, 2, 3, 5, 6, 7, 9} {
		var text strings.Builder
		text.WriteString("template base needs")
		var common []string
		for i := range n {
			fmt.Fprintf(&text, " n%d", i)
			common = append(common, fmt.Sprintf("n%d", i))
		}
		var want []string
		for _, j := range []string{"a", "b", "c", "d"} {
			fmt.Fprintf(&text, "\njob %s from base needs x%s y%s", j, j, j)
			want = append(want, fmt.Sprintf("%s after %s,x%s,y%s", j, strings.Join(common, ","), j, j))
		}
		same(s, "Listed", text.String(), want...)
	}
}

func TestStateTemplatesOfTemplates(t *testing.T) {
	s := subject(t)
	same(s, "Listed", `
template base needs c b a
template deploy from base needs d
template test from base needs t
template nightly from test
job one from deploy
job two from test needs u
job three from nightly needs v
job four from base needs w
job five from deploy needs e`,
		"one after c,b,a,d",
		"two after c,b,a,t,u",
		"three after c,b,a,t,v",
		"four after c,b,a,w",
		"five after c,b,a,d,e")
}

func TestStateVariables(t *testing.T) {
	s := subject(t)
	same(s, "Listed", `
template base set REGION=eu
template deploy from base set REGION=us TOKEN=1
job one from base
job two from deploy set TOKEN=2
job three from deploy
template base set LATE=1
job four from deploy
job five from base`,
		"one REGION=eu",
		"two REGION=us TOKEN=2",
		"three REGION=us TOKEN=1",
		"four REGION=us TOKEN=1",
		"five LATE=1 REGION=eu")
}

func TestStateTemplateChangesLater(t *testing.T) {
	s := subject(t)
	same(s, "Listed", `
template base needs a b c
job one from base
template base needs d
job two from base needs e
template copy from base
template base needs f
template copy needs g
job three from base
job four from copy`,
		"one after a,b,c",
		"two after a,b,c,d,e",
		"three after a,b,c,d,f",
		"four after a,b,c,d,g")
}

func TestStateCalls(t *testing.T) {
	s := subject(t)
	base := s.Call("NewTemplate").Handle()
	for _, n := range []string{"c", "b", "a"} {
		base.Call("Need", n).OK()
	}
	one := base.Call("Job", "one").Handle()
	child := base.Call("Extend").Handle()
	base.Call("Need", "base").OK()
	one.Call("Need", "one").OK()
	child.Call("Need", "child").OK()
	child.Call("Set", "K", "child").OK()
	two := base.Call("Job", "two").Handle()
	three := child.Call("Job", "three").Handle()
	three.Call("Set", "K", "three").OK()
	s.Call("Needs", one).Want([]string{"c", "b", "a", "one"})
	s.Call("Needs", two).Want([]string{"c", "b", "a", "base"})
	s.Call("Needs", three).Want([]string{"c", "b", "a", "child"})
	s.Call("Env", one).Want(map[string]string{})
	s.Call("Env", two).Want(map[string]string{})
	s.Call("Env", three).Want(map[string]string{"K": "three"})
	four := child.Call("Job", "four").Handle()
	s.Call("Env", four).Want(map[string]string{"K": "child"})
}

func TestStateParsesAreApart(t *testing.T) {
	s := subject(t)
	first := s.Call("Plan", reported).Str()
	s.Call("Plan", strings.ReplaceAll(reported, "base", "other")).Want(first)
	s.Call("Plan", reported).Want(first)
}

func TestEdgeEmptyTemplate(t *testing.T) {
	s := subject(t)
	same(s, "Listed", `
template none
template still from none
job a from none needs x set K=1
job b from still needs y set K=2
job c from none
job d from still`,
		"a after x K=1", "b after y K=2", "c", "d")
}

func TestEdgeRepeatedNeeds(t *testing.T) {
	s := subject(t)
	same(s, "Plan", "template t needs b a b\njob a\njob b\njob c from t needs a",
		"a", "b", "c after b,a,b,a")
}

func TestErrorAsBefore(t *testing.T) {
	s := subject(t)
	for text, want := range map[string]string{
		"job a needs b":                             "ErrUnknown",
		"template t needs x\njob a from t":          "ErrUnknown",
		"job a needs b\njob b needs a":              "ErrCycle",
		"template t needs a\njob a from t":          "ErrCycle",
		"job a from t":                              "ErrSyntax",
		"template t\ntemplate u\ntemplate t from u": "ErrSyntax",
	} {
		if err := s.Call("Plan", text).Err(); !err.Is(want) {
			s.Errorf("Plan(%q): %v, want %s", text, err, want)
		}
	}
}
