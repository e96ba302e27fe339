package helper

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// wireJudge is this test process's end of the channel.
type wireJudge struct {
	conn    wireConn
	results wireConn   // to the process that started this one
	mu      sync.Mutex // one question at a time
	epoch   [3]int     // counts restarts of each subject
	used    [3]bool
	funcs   []reflect.Value

	entries sync.Map         // wireEntryKey -> handle
	text    *strings.Builder // of the test that asked for its subject last
}

var wireTheJudge = sync.OnceValue(func() *wireJudge {
	return &wireJudge{conn: wireConn{wireIn(), wireOut()}, results: wireConn{nil, os.NewFile(5, "results")}}
})

// S is a subject as one test sees it. Its Errorf, Error, Fatalf and Fatal are
// those of the test, and their text reaches the report too.
type S struct {
	*testing.T
	j    *wireJudge
	to   int
	text *strings.Builder
}

// subject gives the test a fresh process of the candidate's code and reports the
// test's result when it ends. It is the first line of every test.
func subject(t *testing.T) *S {
	t.Helper()
	return wireSubject(t, wireTheJudge())
}

func wireSubject(t *testing.T, j *wireJudge) *S {
	s := &S{T: t, j: j, text: &strings.Builder{}}
	j.text = s.text
	t.Cleanup(func() {
		status, msg := "pass", ""
		switch {
		case t.Skipped():
			status, msg = "fail", "skipped"
		case t.Failed():
			status, msg = "fail", strings.TrimSpace(s.text.String())
			if msg == "" {
				msg = "failed; use s.Errorf rather than t.Errorf to see why here"
			}
		}
		if err := j.results.write(wireOutcome{t.Name(), status, msg}.frame()); err != nil {
			fmt.Fprintln(os.Stderr, "judge:", err)
			os.Exit(3)
		}
	})
	for n := range j.used {
		if j.used[n] {
			(&S{T: t, j: j, to: n, text: s.text}).Restart()
		}
	}
	return s
}

// wireLabel is the first word of a test's name after Test.
func wireLabel(name string) string {
	name = strings.TrimPrefix(name, "Test")
	for _, l := range []string{"Typical", "Edge", "State", "Error", "Exploit"} {
		rest := strings.TrimPrefix(name, l)
		if rest != name && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return strings.ToLower(l)
		}
	}
	return "typical"
}

// Errorf fails the test and goes on.
func (s *S) Errorf(format string, args ...any) {
	s.Helper()
	fmt.Fprintf(s.text, format+"\n", args...)
	s.T.Errorf(format, args...)
}

// Error fails the test and goes on.
func (s *S) Error(args ...any) {
	s.Helper()
	fmt.Fprintln(s.text, args...)
	s.T.Error(args...)
}

// Fatalf fails the test and ends it.
func (s *S) Fatalf(format string, args ...any) {
	s.Helper()
	fmt.Fprintf(s.text, format+"\n", args...)
	s.T.Fatalf(format, args...)
}

// Fatal fails the test and ends it.
func (s *S) Fatal(args ...any) {
	s.Helper()
	fmt.Fprintln(s.text, args...)
	s.T.Fatal(args...)
}

// Equal fails the test unless got and want are deeply equal.
func (s *S) Equal(got, want any, what string) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

// Start is the code before the patch.
func (s *S) Start() *S { return &S{T: s.T, j: s.j, to: 1, text: s.text} }

// Start2 is the code before the patch once more.
func (s *S) Start2() *S { return &S{T: s.T, j: s.j, to: 2, text: s.text} }

// Restart ends the process; the next call gets a fresh one. Handles die.
func (s *S) Restart() {
	s.Helper()
	s.j.mu.Lock()
	s.j.epoch[s.to]++
	s.j.used[s.to] = false
	s.j.mu.Unlock()
	s.ask("Restart", map[string]any{"op": "restart"}, nil)
}

// CPU is the processor time that the process has used so far, in nanoseconds.
func (s *S) CPU() int64 {
	s.Helper()
	return s.ask("CPU", map[string]any{"op": "cpu"}, nil).Int64()
}

// Load is an entry of the table.
func (s *S) Load(name string) *Result {
	s.Helper()
	return s.ask(name, map[string]any{"op": "load", "name": name}, nil)
}

// Call calls a function of the table.
func (s *S) Call(name string, args ...any) *Result {
	s.Helper()
	return s.entry(name).call(name, "", false, args)
}

// entry is a function of the table, asked for once a process.
func (s *S) entry(name string) *Handle {
	s.Helper()
	key := wireEntryKey{s.to, s.j.epoch[s.to], name}
	if h, ok := s.j.entries.Load(key); ok {
		return &Handle{Class: "func", s: s, id: h.(int64), epoch: key.epoch}
	}
	h := s.Load(name).Handle()
	s.j.entries.Store(key, h.id)
	return h
}

type wireEntryKey struct {
	to, epoch int
	name      string
}

// CallInPlace is Call for a function that changes its arguments: see Result.Args.
func (s *S) CallInPlace(name string, args ...any) *Result {
	s.Helper()
	return s.entry(name).call(name, "", true, args)
}

// Handle is an object that stays in the subject.
type Handle struct {
	Class string // the type's name, without package and pointer
	s     *S
	id    int64
	epoch int
}

// Call calls a method.
func (h *Handle) Call(method string, args ...any) *Result {
	h.s.Helper()
	return h.call(h.Class+"."+method, method, false, args)
}

// CallInPlace is Call for a method that changes its arguments: see Result.Args.
func (h *Handle) CallInPlace(method string, args ...any) *Result {
	h.s.Helper()
	return h.call(h.Class+"."+method, method, true, args)
}

// Invoke calls an object that is a func.
func (h *Handle) Invoke(args ...any) *Result {
	h.s.Helper()
	return h.call("func", "", false, args)
}

// Get is an exported field.
func (h *Handle) Get(field string) *Result {
	h.s.Helper()
	return h.s.ask(h.Class+"."+field, map[string]any{"op": "get", "name": field}, h)
}

// Deref is what a pointer points to, as a value.
func (h *Handle) Deref() *Result {
	h.s.Helper()
	return h.s.ask("*"+h.Class, map[string]any{"op": "get", "name": "*"}, h)
}

// Set sets an exported field.
func (h *Handle) Set(field string, v any) {
	h.s.Helper()
	h.s.ask(h.Class+"."+field+"=", map[string]any{"op": "set", "name": field, "val": v}, h).OK()
}

// Len is the length of a slice, map, string or channel.
func (h *Handle) Len() int {
	h.s.Helper()
	return h.s.ask("len", map[string]any{"op": "len"}, h).Int()
}

func (h *Handle) call(what, method string, inPlace bool, args []any) *Result {
	h.s.Helper()
	q := map[string]any{"op": "call", "name": nil, "args": append([]any{}, args...), "copy": inPlace}
	if method != "" {
		q["name"] = method
	}
	return h.s.ask(fmt.Sprintf("%s(%s)", what, wireArgs(args)), q, h)
}

// wireArgs shows arguments in messages.
func wireArgs(args []any) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		switch a := a.(type) {
		case *Handle:
			b.WriteString(a.Class)
		default:
			if reflect.ValueOf(a).Kind() == reflect.Func {
				b.WriteString("func")
				continue
			}
			text := fmt.Sprintf("%#v", a)
			if len(text) > 60 {
				text = text[:57] + "..."
			}
			b.WriteString(text)
		}
	}
	return b.String()
}

// ask sends one question and returns its answer. The test ends if the subject
// is gone or the question cannot be sent.
func (s *S) ask(what string, q map[string]any, obj *Handle) *Result {
	s.Helper()
	s.j.mu.Lock()
	defer s.j.mu.Unlock()
	if obj != nil {
		if obj.s.to != s.to || obj.epoch != s.j.epoch[s.to] {
			s.Fatalf("%s: the object belongs to a process that has ended; make it anew", what)
		}
		q["obj"] = obj.id
	}
	out := []byte(fmt.Sprintf(`{"to":%d`, s.to))
	for _, k := range []string{"op", "obj", "name", "args", "copy", "val"} {
		v, ok := q[k]
		if !ok {
			continue
		}
		out = append(wireQuote(append(out, ','), k), ':')
		var err error
		if out, err = wireEncode(out, reflect.ValueOf(v), s, 0); err != nil {
			s.Fatalf("%s: an argument cannot be sent: %v", what, err)
		}
	}
	if q["op"] != "restart" {
		s.j.used[s.to] = true
	}
	s.write(append(out, '}'))
	for {
		m, err := s.j.conn.read()
		if err != nil {
			fmt.Fprintln(os.Stderr, "judge:", err)
			os.Exit(3)
		}
		if id, ok := m["cb"]; ok {
			s.callback(id, m["args"])
			continue
		}
		r := &Result{s: s, what: what, tree: m["ok"], epoch: s.j.epoch[s.to]}
		r.args, _ = m["args"].([]any)
		if why, ok := m["gone"]; ok {
			s.Fatalf("%s: the code under test ended: %v", what, why)
		}
		if e, ok := m["err"].(map[string]any); ok {
			r.err = wireReadErr(e)
			if id, err := wireID(e["h"]); err == nil {
				r.err.Handle = &Handle{Class: r.err.Class, s: s, id: id, epoch: r.epoch}
			}
		}
		return r
	}
}

func (s *S) write(body []byte) {
	if err := s.j.conn.write(body); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(3)
	}
}

// callback runs one of the test's functions for the subject. If the test ends
// within it, the subject is told and its answer awaited, so that the channel is
// left in order.
func (s *S) callback(id, args any) {
	finished := false
	reply := func(out []byte) {
		s.write(out)
		finished = true
	}
	defer func() {
		if finished {
			return
		}
		s.write([]byte(fmt.Sprintf(`{"op":"raise","to":%d,"class":"error","msg":"the test has ended"}`, s.to)))
		for {
			m, err := s.j.conn.read()
			if err != nil {
				os.Exit(3)
			}
			if _, again := m["cb"]; !again {
				return
			}
			s.write([]byte(fmt.Sprintf(`{"op":"raise","to":%d,"class":"error","msg":"the test has ended"}`, s.to)))
		}
	}()
	raise := func(class, msg string) {
		out := wireQuote([]byte(fmt.Sprintf(`{"op":"raise","to":%d,"class":`, s.to)), class)
		reply(append(wireQuote(append(out, `,"msg":`...), msg), '}'))
	}
	n, err := wireID(id)
	list, ok := args.([]any)
	if err != nil || !ok || n < 1 || n > int64(len(s.j.funcs)) {
		raise("error", "there is no such function")
		return
	}
	f := s.j.funcs[n-1]
	t := f.Type()
	in := make([]reflect.Value, len(list))
	for i := range in {
		p := reflect.TypeOf(0)
		switch {
		case t.IsVariadic() && i >= t.NumIn()-1:
			p = t.In(t.NumIn() - 1).Elem()
		case i < t.NumIn():
			p = t.In(i)
		default:
			raise("error", fmt.Sprintf("the function %s was called with %d arguments", t, len(list)))
			return
		}
		if in[i], err = wireInto(list[i], p, s, 0); err != nil {
			raise("error", fmt.Sprintf("argument %d of the test's function: %v", i+1, err))
			return
		}
	}
	if least := t.NumIn(); len(in) < least && !(t.IsVariadic() && len(in) == least-1) {
		raise("error", fmt.Sprintf("the function %s was called with %d arguments", t, len(list)))
		return
	}
	s.j.mu.Unlock() // the function may ask questions itself
	locked := false
	defer func() {
		if !locked {
			s.j.mu.Lock()
		}
	}()
	out := f.Call(in)
	s.j.mu.Lock()
	locked = true
	if n := len(out); n > 0 && t.Out(n-1) == wireErrorType {
		if e, ok := out[n-1].Interface().(error); ok {
			class := "error"
			var named wireRaise
			if errors.As(e, &named) {
				class = string(named)
			}
			raise(class, e.Error())
			return
		}
		out = out[:n-1]
	}
	frame := []byte(fmt.Sprintf(`{"op":"return","to":%d,"val":`, s.to))
	switch len(out) {
	case 0:
		frame = append(frame, "null"...)
	case 1:
		frame, err = wireEncode(frame, out[0], s, 0)
	default:
		frame = append(frame, `{"T":[`...)
		for i, v := range out {
			if i > 0 {
				frame = append(frame, ',')
			}
			if frame, err = wireEncode(frame, v, s, 1); err != nil {
				break
			}
		}
		frame = append(frame, `]}`...)
	}
	if err != nil {
		raise("error", err.Error())
		return
	}
	reply(append(frame, '}'))
}

// refer stands for a handle or a function among arguments.
func (s *S) refer(v reflect.Value) (string, error) {
	if v.Kind() == reflect.Func {
		s.j.funcs = append(s.j.funcs, v)
		return fmt.Sprintf(`{"cb":%d}`, len(s.j.funcs)), nil
	}
	if v.CanInterface() {
		h, ok := v.Interface().(*Handle)
		if e, is := v.Interface().(*Err); is && e.Handle != nil {
			h, ok = e.Handle, true
		}
		if ok {
			if h.s.to != s.to || h.epoch != s.j.epoch[s.to] {
				return "", fmt.Errorf("the %s belongs to another process", h.Class)
			}
			return fmt.Sprintf(`{"h":%d,"k":""}`, h.id), nil
		}
	}
	if v.Kind() == reflect.Pointer {
		b, err := wireEncode(nil, v.Elem(), s, 1)
		return string(b), err
	}
	return "", fmt.Errorf("a %s cannot be sent", v.Type())
}

func (s *S) object(id int64, class string) (reflect.Value, error) {
	return reflect.ValueOf(&Handle{Class: class, s: s, id: id, epoch: s.j.epoch[s.to]}), nil
}

func (s *S) function(int64, reflect.Type) (reflect.Value, error) {
	return wireNone, errors.New("a function cannot come as a callback")
}
