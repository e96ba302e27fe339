package trajectory

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the goldens anew")

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s:\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

func whole() *Builder {
	b := New(Agent{Name: "loop", Version: "1", ModelName: "openai/m-1"}, "loop t #1")
	b.Say(FromSystem, "You are an agent.")
	b.Say(FromUser, "Mend a.go <now> & here.")
	cost := 0.25
	b.Turn(Turn{Time: time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("x", 3600)), Model: "m-1-2026", Text: "I look.", Reasoning: "Hm.",
		Calls:   []Call{{ID: "c1", Name: "read", Args: json.RawMessage(`{"path":"a.go","line":12345678901234567890}`)}, {Name: "shell", Args: json.RawMessage(`"{\"command\":\"ls\"}"`)}},
		Metrics: &Metrics{PromptTokens: 10, CompletionTokens: 4, CachedTokens: 2, CostUSD: &cost}})
	b.Result("c1", "package a\xff\n")
	b.Result("elsewhere", "no such call")
	b.Call(Call{ID: "c1", Name: "edit", Args: json.RawMessage(`[1]`)})
	b.Call(Call{ID: "c1", Name: "edit", Args: json.RawMessage(`{"a":`)})
	b.Result("c1", "done")
	b.Measure(Metrics{PromptTokens: 20, CompletionTokens: 5})
	b.Turn(Turn{Text: "Done."})
	b.Note("the agent said: %s", "error")
	b.Extra("ending", "completed")
	return b
}

func TestBuild(t *testing.T) {
	b, err := whole().Finish(&FinalMetrics{PromptTokens: 30, CompletionTokens: 9, CachedTokens: 2}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/whole.json", out.Bytes())
	again, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if b2, err := again.Encode(); err != nil || !bytes.Equal(b, b2) {
		t.Errorf("read and written again it differs: %v\n%s", err, b2)
	}
}

// Long texts are cut, and say so; all together stay within the bound.
func TestBounds(t *testing.T) {
	b := New(Agent{Name: "a"}, "")
	big := strings.Repeat("x", 3*MaxText)
	b.Turn(Turn{Text: big + "the end", Calls: []Call{{ID: "c", Name: "write", Args: json.RawMessage(`{"text":"` + big + `"}`)}}})
	for range 300 {
		b.Result("c", big)
	}
	for range MaxSteps + 5 {
		b.Say(FromUser, "x")
	}
	tr := b.Finish(nil)
	out, err := tr.Encode()
	if err != nil {
		t.Fatal(err)
	}
	s := tr.Steps[0]
	if !strings.HasSuffix(s.Message, "xthe end") || !strings.Contains(s.Message, "[... 131079 bytes left out ...]") || len(s.Message) > MaxText+100 {
		t.Errorf("%d bytes: ...%s", len(s.Message), s.Message[len(s.Message)-50:])
	}
	if !strings.Contains(s.ToolCalls[0].Arguments["text"].(string), "bytes left out") {
		t.Error("the argument is whole")
	}
	if last := s.Observation.Results[299].Content; last != "[196608 bytes left out]" {
		t.Errorf("the last result is %.100q", last)
	}
	if len(out) > MaxTotal+MaxSteps*100 || tr.Notes != "6 more steps are left out" {
		t.Errorf("%d bytes, notes %q", len(out), tr.Notes)
	}
}

func TestLast(t *testing.T) {
	b := whole()
	if words, same := b.Last(); words != "Done." || same != 1 {
		t.Errorf("%q %d", words, same)
	}
	for range 5 {
		b.Turn(Turn{Calls: []Call{{Name: "shell", Args: json.RawMessage(`{"command":"ls","n":1}`)}}})
		b.Result("", "x")
	}
	if words, same := b.Last(); words != "Done." || same != 5 {
		t.Errorf("%q %d", words, same)
	}
}

func TestCheck(t *testing.T) {
	for name, breakIt := range map[string]func(*Trajectory){
		"another version":     func(t *Trajectory) { t.SchemaVersion = "ATIF-v1.4" },
		"no name":             func(t *Trajectory) { t.Agent.Name = "" },
		"no version":          func(t *Trajectory) { t.Agent.Version = "" },
		"no step":             func(t *Trajectory) { t.Steps = nil },
		"steps from 0":        func(t *Trajectory) { t.Steps[0].ID = 0 },
		"a step twice":        func(t *Trajectory) { t.Steps[1].ID = 1 },
		"another source":      func(t *Trajectory) { t.Steps[0].Source = "tool" },
		"a user with tools":   func(t *Trajectory) { t.Steps[1].ToolCalls = t.Steps[2].ToolCalls },
		"a time":              func(t *Trajectory) { t.Steps[2].Timestamp = "yesterday" },
		"a call without id":   func(t *Trajectory) { t.Steps[2].ToolCalls[0].ID = "" },
		"a call without name": func(t *Trajectory) { t.Steps[2].ToolCalls[0].Name = "" },
		"calls of one id":     func(t *Trajectory) { t.Steps[2].ToolCalls[0].ID = t.Steps[2].ToolCalls[1].ID },
		"no arguments":        func(t *Trajectory) { t.Steps[2].ToolCalls[0].Arguments = nil },
		"a result of nothing": func(t *Trajectory) { t.Steps[2].Observation.Results[0].CallID = "x" },
		"tokens below 0":      func(t *Trajectory) { t.Steps[2].Metrics.PromptTokens = -1 },
		"fewer steps":         func(t *Trajectory) { t.Final.Steps-- },
	} {
		tr := whole().Finish(&FinalMetrics{})
		if err := tr.Check(); err != nil {
			t.Fatal(err)
		}
		breakIt(tr)
		if _, err := tr.Encode(); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", "{", `{"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"user","message":"x","mood":1}]}`,
		`{"schema_version":"ATIF-v1.7","agent":{"name":"a","version":"1"},"steps":[{"step_id":1,"source":"user","message":"x"}]} {}`} {
		if _, err := Decode([]byte(bad)); err == nil {
			t.Errorf("%q is a trajectory", bad)
		}
	}
}

// Whatever an agent says, what is built holds the format's rules.
func FuzzBuild(f *testing.F) {
	f.Add("text", "id", "name", []byte(`{"a":[1,"b",{"c":null}]}`), int64(1), true)
	f.Add("\xff", "", "", []byte(`"{\"a\":1}"`), int64(-1), false)
	f.Add("", "call-1-1", "x", []byte(`{`), int64(1<<62), true)
	f.Fuzz(func(t *testing.T, text, id, name string, args []byte, n int64, twice bool) {
		b := New(Agent{Name: "a"}, text)
		b.Result(id, text)
		b.Call(Call{id, name, args})
		b.Turn(Turn{Model: name, Text: text, Reasoning: id, Calls: []Call{{id, name, args}, {"", name, nil}}, Metrics: &Metrics{PromptTokens: n}})
		if twice {
			b.Call(Call{id, name, args})
			b.Result(id, text)
		}
		b.Measure(Metrics{CachedTokens: n})
		b.Note("%s", text)
		out, err := b.Finish(&FinalMetrics{}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(out); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	})
}
