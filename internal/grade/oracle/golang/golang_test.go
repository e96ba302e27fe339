package golang

import (
	"strings"
	"testing"

	"metr/internal/task"
)

const candidate = `package m

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"os"
	"sort"
	"sync"
	"time"
)

var logger = log.New(os.Stdout, "", 0) // made before main: must not reach the channel

var ErrFull = errors.New("full")

type CodeError struct{ Code int }

func (e *CodeError) Error() string { return fmt.Sprintf("code %d", e.Code) }

type Cache[K comparable, V any] struct {
	mu    sync.Mutex
	order []K
	m     map[K]V
	N     int
}

func New[K comparable, V any](n int) (*Cache[K, V], error) {
	logger.Print("hello")
	fmt.Println("hello")
	if n < 0 {
		return nil, fmt.Errorf("new: %w", ErrFull)
	}
	return &Cache[K, V]{m: map[K]V{}, N: n}, nil
}

func (c *Cache[K, V]) Put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.m[k]; !ok {
		c.order = append(c.order, k)
	}
	c.m[k] = v
	if len(c.m) > c.N {
		delete(c.m, c.order[0])
		c.order = c.order[1:]
	}
}

func (c *Cache[K, V]) Get(k K) (V, bool) { v, ok := c.m[k]; return v, ok }
func (c *Cache[K, V]) Len() int          { return len(c.m) }
func (c *Cache[K, V]) Keys() []K         { return c.order }
func (c *Cache[K, V]) Each(f func(K, V) bool) {
	for _, k := range c.order {
		if !f(k, c.m[k]) {
			return
		}
	}
}

type Point struct {
	X, Y int
	Tags map[string][]float64
}

type opaque struct{ n int }

func (o *opaque) Inc() int { o.n++; return o.n }

type Shape interface{ Area() float64 }
type Square float64

func (s Square) Area() float64 { return float64(s * s) }

func Sort(xs []int)                                   { sort.Ints(xs) }
func Echo(x any) any                                  { return x }
func Points(ps []Point, p *Point) ([]Point, *Point)   { return ps, p }
func Wait(ctx context.Context, d time.Duration) error { return ctx.Err() }
func Join(sep string, parts ...string) string         { return fmt.Sprint(parts) + sep }
func Read(r io.Reader) (string, error)                { b, err := io.ReadAll(r); return string(b), err }
func Opaque() opaque                                  { return opaque{} }
func Area(s Shape) float64                            { return s.Area() }
func MakeShape() Shape                                { return Square(3) }
func Fail(code int) error                             { return errors.Join(errors.New("x"), &CodeError{code}) }
func Panic(s string)                                  { panic(s) }
func Index(xs []int, i int) int                       { return xs[i] }
func Big(n *big.Int) *big.Int                         { return new(big.Int).Mul(n, n) }
func When(t time.Time) time.Time                      { return t.Add(time.Hour) }
func Retry(n int, f func(int) (string, error)) (s string, err error) {
	for i := 0; i < n; i++ {
		if s, err = f(i); err == nil || errors.Is(err, ErrFull) {
			return
		}
	}
	return
}
func Parallel(n int, f func(int)) {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		i := i
		wg.Add(1)
		go func() { defer wg.Done(); f(i) }()
	}
	wg.Wait()
}
func Later(f func()) { go func() { time.Sleep(time.Millisecond); f() }() }
func Counter() func() int { n := 0; return func() int { n++; return n } }
func Bytes(b []byte, s string, r rune, u uint64, f float32, c complex128) ([]byte, string, rune, uint64, float32, complex128) {
	return b, s, r, u, f, c
}
func Empty() ([]int, map[string]int) { return nil, map[string]int{} }
`

const theTable = `package main

import "example.com/m/internal/m"

func main() {
	serve(table{
		"New": m.New[string, int], "ErrFull": m.ErrFull, "Sort": m.Sort, "Echo": m.Echo, "Points": m.Points, "Wait": m.Wait,
		"Join": m.Join, "Read": m.Read, "Opaque": m.Opaque, "Area": m.Area, "MakeShape": m.MakeShape, "Fail": m.Fail, "Panic": m.Panic,
		"Index": m.Index, "Big": m.Big, "When": m.When, "Retry": m.Retry, "Parallel": m.Parallel, "Later": m.Later, "Counter": m.Counter,
		"Bytes": m.Bytes, "Empty": m.Empty, "Max": 7,
	})
}
`

const theTests = `package judge

import (
	"errors"
	"math"
	"math/big"
	"sort"
	"sync"
	"testing"
	"time"
)

func TestEdgeCapacityOne(t *testing.T) {
	s := subject(t)
	c := s.Call("New", 1).Handle()
	c.Call("Put", "a", 1).OK()
	c.Call("Put", "b", 2).OK()
	c.Call("Get", "a").Want(0, false)
	c.Call("Get", "b").Want(2, true)
	c.Call("Keys").Want([]string{"b"})
	if got := c.Call("Len").Int(); got != 1 {
		s.Errorf("Len() = %d", got)
	}
	if c.Get("N").Int() != 1 {
		s.Error("N")
	}
	c.Set("N", 5)
	c.Get("N").Want(5)
	s.Equal(c.Class, "Cache[string,int]", "class")
	s.Load("Max").Want(7)
}

func TestErrorFull(t *testing.T) {
	s := subject(t)
	err := s.Call("New", -1).Err()
	s.Equal(err.Is("ErrFull"), true, "Is")
	s.Equal(err.Is("ErrEmpty"), false, "Is")
	s.Equal(err.Msg, "new: full", "Msg")
	err = s.Call("Fail", 3).Err()
	s.Equal(err.Is("CodeError"), true, "class of a wrapped error")
	s.Equal(s.Call("Panic", "boo").Panics(), "boo", "panic")
	s.Call("Index", []int{1}, 5).Panics()
}

func TestStateFresh(t *testing.T) {
	s := subject(t)
	n := s.Call("Counter").Handle()
	n.Invoke().Want(1)
	n.Invoke().Want(2)
	o := s.Call("Opaque").Handle()
	o.Call("Inc").Want(1)
	o.Call("Inc").Want(2)
	s.Restart()
	s.Call("Counter").Handle().Invoke().Want(1)
	s.Start().Call("Counter").Handle().Invoke().Want(1)
	s.Start2().Load("Max").Want(7)
	t.Run("Nested", func(t *testing.T) {
		s := subject(t)
		s.Load("Max").Want(7)
	})
}

type point struct {
	X, Y int
	Tags map[string][]float64
}

func TestTypicalValues(t *testing.T) {
	s := subject(t)
	for _, v := range []any{nil, true, 0, -5, 1 << 60, 1.5, math.Inf(-1), "", "é\u2028<", []byte{0, 255}, []any{1, "x", nil}, map[string]any{}} {
		if _, empty := v.(map[string]any); empty {
			continue
		}
		if v == 1<<60 {
			s.Call("Echo", v).Want(v)
			continue
		}
		s.Equal(s.Call("Echo", v).Value(), v, "echo")
	}
	if !math.Signbit(s.Call("Echo", math.Copysign(0, -1)).Float()) {
		s.Error("-0")
	}
	s.Call("Echo", math.NaN()).Want(math.NaN())
	p := point{1, 2, map[string][]float64{"a": {1, 2.5}, "b": nil}}
	r := s.Call("Points", []point{p}, &p)
	r.At(0).Want([]point{p})
	var back []point
	r.At(0).Into(&back)
	s.Equal(back, []point{p}, "points")
	r.At(1).Handle().Deref().Want(p)
	s.Call("Sort", []int{3, 1, 2}).Want()
	s.CallInPlace("Sort", []int{3, 1, 2}).Args()[0].Want([]int{1, 2, 3})
	s.Call("Wait", time.Second).OK()
	s.Call("Join", "-", "a", "b").Want("[a b]-")
	s.Call("Join", "-").Want("[]-")
	s.Call("Read", "text").Want("text")
	s.Call("Area", s.Call("MakeShape").Handle()).Want(9.0)
	big1, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	s.Call("Big", big1).Want(new(big.Int).Mul(big1, big1))
	now := time.Date(2024, 2, 29, 1, 2, 3, 4, time.UTC)
	s.Call("When", now).Want(now.Add(time.Hour))
	s.Call("Bytes", []byte("x"), "\xff", 'é', uint64(math.MaxUint64), float32(0.1), 1+2i).Want([]byte("x"), "\xff", 'é', uint64(math.MaxUint64), float32(0.1), 1+2i)
	s.Call("Empty").Want([]int{}, map[string]int(nil))
	if !s.Call("Echo", nil).Nil() {
		s.Error("nil")
	}
}

func TestTypicalCallbacks(t *testing.T) {
	s := subject(t)
	c := s.Call("New", 5).Handle()
	for i, k := range []string{"a", "b", "c"} {
		c.Call("Put", k, i).OK()
	}
	var got []string
	c.Call("Each", func(k string, v int) bool { got = append(got, k); return v < 1 }).OK()
	s.Equal(got, []string{"a", "b"}, "keys seen")
	s.Call("Retry", 5, func(i int) (string, error) {
		if i < 2 {
			return "", errors.New("again")
		}
		return s.Call("Join", "x").Str(), nil
	}).Want("[]x")
	err := s.Call("Retry", 5, func(i int) (string, error) { return "", s.Raise("ErrFull") }).Err()
	s.Equal(err.Is("ErrFull"), true, "raised")
	var mu sync.Mutex
	var seen []int
	s.Call("Parallel", 20, func(i int) { mu.Lock(); seen = append(seen, i); mu.Unlock() }).OK()
	sort.Ints(seen)
	s.Equal(len(seen), 20, "parallel")
	s.Call("Later", func() {}).OK()
	time.Sleep(5 * time.Millisecond)
	s.Load("Max").Want(7)
}

func TestGoroutines(t *testing.T) {
	s := subject(t)
	c := s.Call("New", 100).Handle()
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Add(1)
		go func() { defer wg.Done(); c.Call("Put", string(rune('a'+i)), i).OK() }()
	}
	wg.Wait()
	c.Call("Len").Want(10)
}

func TestSpeed(t *testing.T) {
	s := subject(t)
	s.Load("Max").OK()
	measure(t, "m", []int{1, 2}, func(s *S, n int) []any { return []any{[]int{n}} }, func(s *S, args []any) { s.Call("Sort", args...).OK() })
}

// All that follow fail, each in its own way.

func TestBadEqual(t *testing.T)   { s := subject(t); s.Call("Join", "-").Want("?") }
func TestBadPlain(t *testing.T)   { subject(t); t.Error("unseen") }
func TestBadPanic(t *testing.T)   { s := subject(t); _ = s.Call("Empty").List()[7] }
func TestBadNoSubject(t *testing.T) {}
func TestBadSkip(t *testing.T)    { subject(t); t.Skip() }
func TestBadInCallback(t *testing.T) {
	s := subject(t)
	s.Call("Retry", 3, func(i int) (string, error) { s.Fatal("within"); return "", nil }).OK()
}
func TestBadType(t *testing.T)    { s := subject(t); s.Call("Join", "-").Int() }
func TestBadNoError(t *testing.T) { s := subject(t); s.Call("New", 1).Err() }
func TestBadMisuse(t *testing.T)  { s := subject(t); s.Call("New", "x").Err() }
func TestBadName(t *testing.T)    { s := subject(t); s.Call("Missing") }
func TestBadStale(t *testing.T)   { s := subject(t); c := s.Call("New", 1).Handle(); s.Restart(); c.Call("Len").OK() }
func TestEdgeAfterAll(t *testing.T) { s := subject(t); s.Load("Max").Want(7) }
`

func TestHiddenTests(t *testing.T) {
	v := judged(t, candidate, theTable, theTests)
	want := map[string]string{ // a part of the message; "" passes
		"TestEdgeCapacityOne": "", "TestErrorFull": "", "TestStateFresh": "", "TestStateFresh/Nested": "", "TestTypicalValues": "",
		"TestTypicalCallbacks": "", "TestGoroutines": "", "TestSpeed": "", "TestEdgeAfterAll": "",
		"TestBadEqual": `want "?"`, "TestBadPlain": "use s.Errorf", "TestBadPanic": "out of range", "TestBadNoSubject": "never asked",
		"TestBadSkip": "skipped", "TestBadInCallback": "within", "TestBadType": "cannot become a int", "TestBadNoError": "no error, want one",
		"TestBadMisuse": "cannot become a int", "TestBadName": `lists no "Missing"`, "TestBadStale": "has ended",
	}
	for name, part := range want {
		got, ok := v.tests[name]
		if !ok || (part == "") != (got == "") || !strings.Contains(got, part) {
			t.Errorf("%s: %q, want %q", name, got, part)
		}
	}
	if len(v.tests) != len(want) {
		t.Errorf("%d results, want %d", len(v.tests), len(want))
	}
	if len(v.Pairs) != 1 || len(v.Pairs[0].Rows) != 12 {
		t.Errorf("pairs %v, want 12 rows", v.Pairs)
	}
	for name, label := range map[string]task.Label{"TestEdgeCapacityOne": "edge", "TestErrorFull": "error", "TestStateFresh/Nested": "state", "TestGoroutines": "typical"} {
		if v.label[name] != label {
			t.Errorf("%s has label %q, want %q", name, v.label[name], label)
		}
	}
}

func TestMissingFiles(t *testing.T) {
	if _, err := Subject(nil, tree(map[string]string{"judge/a_test.go": ""}), "/x", "checked", "/x/s"); err == nil || !strings.Contains(err.Error(), "main.go") {
		t.Errorf("Subject without main.go: %v", err)
	}
	if _, err := Judge(tree(map[string]string{"subject/main.go": ""}), "/x", "/x/j"); err == nil || !strings.Contains(err.Error(), "_test.go") {
		t.Errorf("Judge without tests: %v", err)
	}
}
