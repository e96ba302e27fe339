package helper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sort"
	"sync"
	"syscall"
)

// table is what the judge may touch, by name: functions, variables (as pointers
// where their changes are to be seen) and errors.
type table map[string]any

// serve answers the judge on descriptors 3 and 4 until it is done. It is all
// that the author's main function does.
func serve(t table) {
	syscall.CloseOnExec(3)
	syscall.CloseOnExec(4)
	s := newWireServer(t, wireConn{os.NewFile(3, "questions"), os.NewFile(4, "answers")})
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "subject:", err)
		os.Exit(1)
	}
	os.Exit(0) // whatever goroutines the candidate left
}

// wireServer answers requests. One goroutine at a time reads the channel: the
// one that serves or, while a callback waits for its answer, the one that made it.
type wireServer struct {
	table   table
	conn    wireConn
	mu      sync.Mutex // held by the callback that has the channel
	state   sync.Mutex // guards what follows
	objects []reflect.Value
	ids     map[any]int
	active  int // calls under way
}

func newWireServer(t table, c wireConn) *wireServer {
	return &wireServer{table: t, conn: c, ids: map[any]int{}}
}

func (s *wireServer) run() error {
	for {
		m, err := s.conn.read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.answer(m); err != nil {
			return err
		}
	}
}

// answer carries out one request and writes its reply.
func (s *wireServer) answer(m map[string]any) error {
	s.state.Lock()
	s.active++
	s.state.Unlock()
	reply := s.reply(m)
	s.mu.Lock() // goroutines of the candidate may be in the middle of a callback
	defer s.mu.Unlock()
	s.state.Lock()
	s.active--
	s.state.Unlock()
	return s.conn.write(reply)
}

// reply is the reply's text. Panics of the candidate end here.
func (s *wireServer) reply(m map[string]any) (out []byte) {
	defer func() {
		if p := recover(); p != nil {
			out = s.panicked(p)
		}
	}()
	v, args, err := s.act(m)
	if err != nil {
		return s.misuse(err)
	}
	if len(v) > 0 && v[len(v)-1].Type() == wireErrorType {
		if last := v[len(v)-1]; !last.IsNil() {
			return s.failure(last.Interface().(error))
		}
		v = v[:len(v)-1]
	}
	out = []byte(`{"ok":`)
	var e error
	switch len(v) {
	case 0:
		out = append(out, "null"...)
	case 1:
		out, e = wireEncode(out, v[0], s, 0)
	default:
		out, e = s.list(append(out, `{"T":`...), v)
		out = append(out, '}')
	}
	if e == nil && m["copy"] == true {
		out, e = s.list(append(out, `,"args":`...), args)
	}
	if e == nil && len(out) >= wireMaxFrame {
		e = fmt.Errorf("a reply of more than %d bytes cannot cross", wireMaxFrame)
	}
	if e != nil {
		return s.misuse(e)
	}
	return append(out, '}')
}

func (s *wireServer) misuse(err error) []byte {
	return s.plain(wireMisuse, err.Error())
}

func (s *wireServer) plain(class, msg string) []byte {
	if len(msg) > 10000 {
		msg = msg[:10000]
	}
	return append(wireQuote([]byte(fmt.Sprintf(`{"err":{"class":%q,"mro":[%q],"msg":`, class, class)), msg), "}}"...)
}

func (s *wireServer) list(out []byte, vs []reflect.Value) ([]byte, error) {
	out = append(out, '[')
	for i, v := range vs {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = wireEncode(out, v, s, 1); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

// failure is the reply for an error: its class, the names of the table's errors
// that it is, the classes of all that it wraps, and a handle to it.
func (s *wireServer) failure(err error) []byte {
	names := s.names(err)
	msg := wireMessage(err)
	out := wireQuote([]byte(`{"err":{"class":`), names[0])
	out = append(out, `,"mro":[`...)
	for i, n := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = wireQuote(out, n)
	}
	out = wireQuote(append(out, `],"msg":`...), msg)
	return append(out, fmt.Sprintf(`,"h":%d}}`, s.id(reflect.ValueOf(err)))...)
}

func (s *wireServer) names(err error) []string {
	out := []string{wireClass(reflect.TypeOf(err))}
	add := func(n string) {
		for _, o := range out {
			if o == n {
				return
			}
		}
		if len(out) < 60 {
			out = append(out, n)
		}
	}
	known := make([]string, 0, len(s.table))
	for n := range s.table {
		known = append(known, n)
	}
	sort.Strings(known)
	for _, n := range known {
		if e, ok := s.table[n].(error); ok && wireIs(err, e) {
			add(n)
		}
	}
	todo := []error{err}
	for i := 0; i < len(todo) && i < 100; i++ {
		add(wireClass(reflect.TypeOf(todo[i])))
		switch e := todo[i].(type) {
		case interface{ Unwrap() error }:
			if u := e.Unwrap(); u != nil {
				todo = append(todo, u)
			}
		case interface{ Unwrap() []error }:
			for _, u := range e.Unwrap() {
				if u != nil {
					todo = append(todo, u)
				}
			}
		}
	}
	return out
}

// wireIs is errors.Is that survives what an error's own Is method does.
func wireIs(err, target error) (is bool) {
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	return errors.Is(err, target)
}

func wireMessage(err error) (msg string) {
	defer func() {
		if recover() != nil {
			msg = "its Error method panicked"
		}
	}()
	msg = err.Error()
	if len(msg) > 10000 {
		msg = msg[:10000]
	}
	return msg
}

func (s *wireServer) panicked(p any) []byte {
	if e, ok := p.(error); ok {
		return s.plain("panic", wireMessage(e))
	}
	return s.plain("panic", fmt.Sprint(p))
}

// act carries out one request. The results of a call are all of its results.
func (s *wireServer) act(m map[string]any) (results, args []reflect.Value, err error) {
	name, _ := m["name"].(string)
	if m["op"] == "load" {
		v, ok := s.table[name]
		if !ok {
			return nil, nil, fmt.Errorf("tests/subject/main.go lists no %q", name)
		}
		return []reflect.Value{wireEntry(v)}, nil, nil
	}
	id, err := wireID(m["obj"])
	if err != nil {
		return nil, nil, err
	}
	obj, err := s.object(id, "")
	if err != nil {
		return nil, nil, err
	}
	switch m["op"] {
	case "get":
		v, err := wireMember(obj, name)
		return []reflect.Value{v}, nil, err
	case "set":
		f, err := wireField(obj, name)
		if err != nil {
			return nil, nil, err
		}
		v, err := wireInto(m["val"], f.Type(), s, 0)
		if err != nil {
			return nil, nil, err
		}
		f.Set(v)
		return nil, nil, nil
	case "call":
		list, ok := m["args"].([]any)
		if m["args"] != nil && !ok {
			return nil, nil, errors.New("args must be a list")
		}
		if name != "" {
			if obj, err = wireMember(obj, name); err != nil {
				return nil, nil, err
			}
		}
		return s.call(obj, name, list)
	case "len":
		if obj.Kind() == reflect.Pointer {
			obj = obj.Elem()
		}
		return []reflect.Value{reflect.ValueOf(obj.Len())}, nil, nil
	case "str", "repr":
		return []reflect.Value{reflect.ValueOf(fmt.Sprint(obj.Interface()))}, nil, nil
	}
	return nil, nil, fmt.Errorf("operation %q is not known for Go", m["op"])
}

// wireEntry is a table entry; errors stay errors though they are loaded.
func wireEntry(v any) reflect.Value {
	if e, ok := v.(error); ok {
		return reflect.ValueOf(struct{ any }{e}).Field(0)
	}
	return reflect.ValueOf(v)
}

// wireMember is a method or an exported field; "*" is what a pointer points to.
func wireMember(obj reflect.Value, name string) (reflect.Value, error) {
	if name == "*" {
		if obj.Kind() != reflect.Pointer {
			return wireNone, fmt.Errorf("%s is not a pointer", obj.Type())
		}
		return obj.Elem(), nil
	}
	if f := obj.MethodByName(name); f.IsValid() {
		return f, nil
	}
	return wireField(obj, name)
}

func wireField(obj reflect.Value, name string) (reflect.Value, error) {
	v := obj
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() == reflect.Struct {
		if f, ok := v.Type().FieldByName(name); ok && f.IsExported() {
			return v.FieldByIndexErr(f.Index)
		}
	}
	return wireNone, fmt.Errorf("%s has no exported method or field %s", obj.Type(), name)
}

var wireContextType = reflect.TypeOf((*context.Context)(nil)).Elem()

// call calls f with the arguments given; contexts are supplied.
func (s *wireServer) call(f reflect.Value, name string, list []any) (results, args []reflect.Value, err error) {
	if f.Kind() == reflect.Interface {
		f = f.Elem()
	}
	if f.Kind() != reflect.Func {
		return nil, nil, fmt.Errorf("%s is a %s and cannot be called", name, f.Type())
	}
	t := f.Type()
	in := make([]reflect.Value, 0, t.NumIn())
	take := func(p reflect.Type) error {
		v, err := wireInto(list[0], p, s, 0)
		if err != nil {
			return fmt.Errorf("argument %d: %w", len(args)+1, err)
		}
		list = list[1:]
		in, args = append(in, v), append(args, v)
		return nil
	}
	for i := 0; i < t.NumIn(); i++ {
		p := t.In(i)
		if t.IsVariadic() && i == t.NumIn()-1 {
			for len(list) > 0 {
				if err := take(p.Elem()); err != nil {
					return nil, nil, err
				}
			}
			break
		}
		if p == wireContextType {
			in = append(in, reflect.ValueOf(context.Background()))
			continue
		}
		if len(list) == 0 {
			return nil, nil, fmt.Errorf("too few arguments: the function is %s", t)
		}
		if err := take(p); err != nil {
			return nil, nil, err
		}
	}
	if len(list) > 0 {
		return nil, nil, fmt.Errorf("too many arguments: the function is %s", t)
	}
	return f.Call(in), args, nil
}

// refer gives a handle for v. Struct values are kept behind a pointer, so that
// their pointer methods can be called.
func (s *wireServer) refer(v reflect.Value) (string, error) {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	class := wireClass(v.Type())
	if v.Kind() == reflect.Struct {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	return fmt.Sprintf(`{"h":%d,"k":%s}`, s.id(v), wireQuote(nil, class)), nil
}

// id is v's handle: the same for the same pointer.
func (s *wireServer) id(v reflect.Value) int {
	s.state.Lock()
	defer s.state.Unlock()
	k := v.Kind()
	same := k == reflect.Pointer || k == reflect.Chan
	if same {
		if id, ok := s.ids[v.Interface()]; ok {
			return id
		}
	}
	s.objects = append(s.objects, v)
	if same {
		s.ids[v.Interface()] = len(s.objects)
	}
	return len(s.objects)
}

func (s *wireServer) object(id int64, _ string) (reflect.Value, error) {
	s.state.Lock()
	defer s.state.Unlock()
	if id < 1 || id > int64(len(s.objects)) {
		return wireNone, fmt.Errorf("there is no object %d here", id)
	}
	return s.objects[id-1], nil
}

// wireClass is a type's name without package and pointer.
func wireClass(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	n := t.Name()
	if n == "" {
		n = t.Kind().String()
	}
	if len(n) > 100 {
		n = n[:100]
	}
	return n
}

// function makes a function of type t that asks the judge. What the judge's
// function raises becomes the last result if that is an error, else a panic.
func (s *wireServer) function(id int64, t reflect.Type) (reflect.Value, error) {
	return reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value {
		if t.IsVariadic() {
			last := in[len(in)-1]
			in = in[: len(in)-1 : len(in)-1]
			for i := 0; i < last.Len(); i++ {
				in = append(in, last.Index(i))
			}
		}
		m, err := s.ask(id, in)
		out := make([]reflect.Value, t.NumOut())
		for i := range out {
			out[i] = reflect.Zero(t.Out(i))
		}
		fails := len(out) > 0 && t.Out(len(out)-1) == wireErrorType
		switch {
		case err == errWireOver && !fails:
			return out // nobody listens any more
		case err == nil && m["op"] == "raise":
			err = s.raised(m)
		}
		if err != nil {
			if !fails {
				panic(err)
			}
			e := reflect.New(wireErrorType).Elem()
			e.Set(reflect.ValueOf(err))
			out[len(out)-1] = e
			return out
		}
		n := len(out)
		if fails {
			n--
		}
		vals := []any{m["val"]}
		if tag, p, _ := wireTag(m["val"]); tag == "T" && n != 1 {
			vals, _ = p.([]any)
		}
		for i := 0; i < n && i < len(vals); i++ {
			if out[i], err = wireInto(vals[i], t.Out(i), s, 0); err != nil {
				panic(fmt.Errorf("a callback's result: %w", err))
			}
		}
		return out
	}), nil
}

// raised is the table's error of that name, or a new one.
func (s *wireServer) raised(m map[string]any) error {
	class, _ := m["class"].(string)
	if e, ok := s.table[class].(error); ok {
		return e
	}
	msg, _ := m["msg"].(string)
	return errors.New(msg)
}

var errWireOver = errors.New("a function of the caller's was called after the call was over")

// ask sends a callback and serves until its answer comes.
func (s *wireServer) ask(id int64, in []reflect.Value) (map[string]any, error) {
	s.mu.Lock()
	s.state.Lock()
	under := s.active > 0
	s.state.Unlock()
	defer s.mu.Unlock()
	if !under {
		return nil, errWireOver
	}
	out, err := s.list([]byte(fmt.Sprintf(`{"cb":%d,"args":`, id)), in)
	if err != nil {
		return nil, err
	}
	if err := s.conn.write(append(out, '}')); err != nil {
		return nil, err
	}
	for {
		m, err := s.conn.read()
		if err != nil {
			os.Exit(1)
		}
		if m["op"] == "return" || m["op"] == "raise" {
			return m, nil
		}
		// A question within a callback. Its own callbacks need the channel.
		s.mu.Unlock()
		err = s.answer(m)
		s.mu.Lock()
		if err != nil {
			return nil, err
		}
	}
}
