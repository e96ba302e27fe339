package helper

import (
	"fmt"
	"reflect"
	"slices"
)

// Result is what a call gave. Its getters end the test with a clear message
// where the call failed or the result is of another type.
type Result struct {
	s     *S
	what  string
	tree  any
	args  []any
	err   *Err
	epoch int
}

// Err is an error of the candidate's.
type Err struct {
	Class  string   // the type's name; "panic" for a panic
	Names  []string // the class, the table's errors that it is, the classes of all it wraps
	Msg    string
	Handle *Handle // the error itself; nil for a panic
}

// String is the class and the message.
func (e *Err) String() string { return e.Class + ": " + e.Msg }

// Is reports whether the error is the table's error of that name, as errors.Is
// has it, or is or wraps one of the class of that name.
func (e *Err) Is(name string) bool { return slices.Contains(e.Names, name) }

func wireReadErr(m map[string]any) *Err {
	e := &Err{}
	e.Class, _ = m["class"].(string)
	e.Msg, _ = m["msg"].(string)
	names, _ := m["mro"].([]any)
	for _, n := range names {
		if s, ok := n.(string); ok {
			e.Names = append(e.Names, s)
		}
	}
	return e
}

// OK ends the test if the call returned an error or panicked.
func (r *Result) OK() *Result {
	r.s.Helper()
	if r.err != nil {
		r.s.Fatalf("%s: %s: %s", r.what, r.err.Class, r.err.Msg)
	}
	return r
}

// Failed reports whether the call returned an error or panicked.
func (r *Result) Failed() bool { return r.err != nil }

// Err is the error that the call returned; the test ends if there was none.
func (r *Result) Err() *Err {
	r.s.Helper()
	if r.err == nil {
		r.s.Fatalf("%s: no error, want one", r.what)
	}
	if r.err.Class == "panic" || r.err.Class == wireMisuse {
		r.s.Fatalf("%s: %s; want an error of the code under test", r.what, r.err)
	}
	return r.err
}

// Panics is the message of the call's panic; the test ends if there was none.
func (r *Result) Panics() string {
	r.s.Helper()
	if r.err == nil || r.err.Class != "panic" {
		r.s.Fatalf("%s: no panic, want one", r.what)
	}
	return r.err.Msg
}

// Into decodes the result into what p points to.
func (r *Result) Into(p any) {
	r.s.Helper()
	r.OK()
	v := reflect.ValueOf(p)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		r.s.Fatalf("%s: Into expects a pointer, not a %T", r.what, p)
	}
	got, err := wireInto(r.tree, v.Type().Elem(), r.s, 0)
	if err != nil {
		r.s.Fatalf("%s: %v", r.what, err)
	}
	v.Elem().Set(got)
}

func wireGet[T any](r *Result) T {
	r.s.Helper()
	var v T
	r.Into(&v)
	return v
}

// Int is an integer result.
func (r *Result) Int() int { r.s.Helper(); return wireGet[int](r) }

// Int64 is an integer result.
func (r *Result) Int64() int64 { r.s.Helper(); return wireGet[int64](r) }

// Float is a float or integer result.
func (r *Result) Float() float64 { r.s.Helper(); return wireGet[float64](r) }

// Str is a string result.
func (r *Result) Str() string { r.s.Helper(); return wireGet[string](r) }

// Bool is a boolean result.
func (r *Result) Bool() bool { r.s.Helper(); return wireGet[bool](r) }

// Bytes is a result of bytes.
func (r *Result) Bytes() []byte { r.s.Helper(); return wireGet[[]byte](r) }

// Nil reports whether the result is nil.
func (r *Result) Nil() bool { r.s.Helper(); r.OK(); return r.tree == nil }

// Value is the result in the Go type that suits it best.
func (r *Result) Value() any {
	r.s.Helper()
	r.OK()
	v, err := wireNatural(r.tree, r.s, 0)
	if err != nil {
		r.s.Fatalf("%s: %v", r.what, err)
	}
	return v
}

// Handle is a result that stays in the subject.
func (r *Result) Handle() *Handle {
	r.s.Helper()
	r.OK()
	tag, p, _ := wireTag(r.tree)
	id, err := wireID(p)
	if tag != "h" || err != nil {
		r.s.Fatalf("%s gave %s, want an object", r.what, wireDescribe(r.tree))
	}
	class, _ := r.tree.(map[string]any)["k"].(string)
	return &Handle{Class: class, s: r.s, id: id, epoch: r.epoch}
}

// List is the items of a list, or the several results of a call.
func (r *Result) List() []*Result {
	r.s.Helper()
	r.OK()
	list, ok := r.tree.([]any)
	if tag, p, _ := wireTag(r.tree); tag == "T" || tag == "I" {
		list, ok = p.([]any)
	}
	if !ok && r.tree != nil {
		r.s.Fatalf("%s gave %s, want a list", r.what, wireDescribe(r.tree))
	}
	out := make([]*Result, len(list))
	for i, x := range list {
		out[i] = &Result{s: r.s, what: fmt.Sprintf("%s[%d]", r.what, i), tree: x, epoch: r.epoch}
	}
	return out
}

// Len is the length of a list.
func (r *Result) Len() int { r.s.Helper(); return len(r.List()) }

// At is the i-th item of a list, or the i-th of several results.
func (r *Result) At(i int) *Result {
	r.s.Helper()
	l := r.List()
	if i < 0 || i >= len(l) {
		r.s.Fatalf("%s has %d items, want one at %d", r.what, len(l), i)
	}
	return l[i]
}

// Args is the arguments as the call left them, for CallInPlace.
func (r *Result) Args() []*Result {
	r.s.Helper()
	r.OK()
	return (&Result{s: r.s, what: r.what + " arguments", tree: r.args, epoch: r.epoch}).List()
}

// Want fails the test unless the results are deeply equal to those given. Empty
// and nil slices and maps are equal.
func (r *Result) Want(want ...any) {
	r.s.Helper()
	r.OK()
	got := []*Result{r}
	if tag, _, _ := wireTag(r.tree); tag == "T" {
		got = r.List()
	} else if len(want) == 0 && r.tree == nil {
		return
	}
	if len(got) != len(want) {
		r.s.Errorf("%s gave %d results, want %d", r.what, len(got), len(want))
		return
	}
	for i, w := range want {
		g := got[i]
		if w == nil {
			if g.tree != nil {
				r.s.Errorf("%s = %s, want nil", g.what, wireDescribe(g.tree))
			}
			continue
		}
		v, err := wireInto(g.tree, reflect.TypeOf(w), r.s, 0)
		if err != nil {
			r.s.Errorf("%s: %v; want %#v", g.what, err, w)
			continue
		}
		if !wireEqual(v.Interface(), w) {
			r.s.Errorf("%s = %#v, want %#v", g.what, v.Interface(), w)
		}
	}
}

// wireEqual is reflect.DeepEqual, but empty equals nil at the outermost level,
// NaN equals NaN there, and handles are equal if they are the same object.
func wireEqual(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	switch x.Kind() {
	case reflect.Slice, reflect.Map:
		if x.Len() == 0 && y.Len() == 0 {
			return true
		}
	case reflect.Float64:
		if x.Float() != x.Float() && y.Float() != y.Float() {
			return true
		}
	}
	if h, ok := a.(*Handle); ok {
		g, ok := b.(*Handle)
		return ok && h.Same(g)
	}
	return reflect.DeepEqual(a, b)
}

// Same reports whether two handles are of one object.
func (h *Handle) Same(g *Handle) bool {
	return g != nil && h.id == g.id && h.epoch == g.epoch && h.s.to == g.s.to
}

// Raise is what a test's own function returns to give the subject the table's
// error of that name.
func (s *S) Raise(name string) error { return wireRaise(name) }

type wireRaise string

func (r wireRaise) Error() string { return string(r) }
