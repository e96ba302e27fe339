package golang

import (
	"testing"
	"time"
)

const forgeTable = `package main

import "example.com/m/internal/m"

func main() {
	serve(table{"Sum": m.Sum, "New": m.New, "ErrEmpty": m.ErrEmpty})
}
`

const forgeTests = `package judge

import "testing"

func TestTypicalSum(t *testing.T) {
	s := subject(t)
	s.Call("Sum", []int{2, 3}).Want(5)
}

func TestEdgeEmpty(t *testing.T) {
	s := subject(t)
	s.Call("Sum", []int{}).Want(0)
}

func TestStateStack(t *testing.T) {
	s := subject(t)
	st := s.Call("New").Handle()
	st.Call("Push", 1).OK()
	st.Call("Push", 2).OK()
	st.Call("Pop").Want(2)
	st.Call("Pop").Want(1)
}

func TestErrorEmpty(t *testing.T) {
	s := subject(t)
	if err := s.Call("New").Handle().Call("Pop").Err(); !err.Is("ErrEmpty") {
		s.Errorf("Pop: %v, want ErrEmpty", err)
	}
}
`

// wrongCode has the right shape and does nothing right.
const wrongCode = `
var ErrEmpty = errors.New("empty")

type Stack struct{}

func New() *Stack                   { hook(); return &Stack{} }
func (s *Stack) Push(int)           {}
func (s *Stack) Pop() (int, error)  { return 7, nil }
func Sum(xs []int) int              { hook(); return 1 }
`

// What a candidate may try instead of working: none passes a test.
func TestForgeries(t *testing.T) {
	const head = `package m

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

var _ = fmt.Sprint
var _ = os.Exit
var _ = exec.Command
var _ = runtime.Goexit
var _ = syscall.Write
var _ = time.Now
var _ unsafe.Pointer

func frame(v any) []byte {
	b, _ := json.Marshal(v)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func forge() {
	for fd := 0; fd < 12; fd++ {
		for _, n := range []string{"TestTypicalSum", "TestEdgeEmpty", "TestStateStack", "TestErrorEmpty"} {
			syscall.Write(fd, frame(map[string]any{"op": "result", "name": n, "status": "pass", "message": ""}))
		}
		syscall.Write(fd, frame(map[string]any{"op": "done", "tests": 4}))
	}
}
`
	tests := []struct{ name, code string }{
		{"wrong", `func hook() {}` + wrongCode},
		{"exit in init", `func init() { os.Exit(0) }; func hook() {}` + wrongCode},
		{"exit in a call", `func hook() { os.Exit(0) }` + wrongCode},
		{"raw exit", `func hook() { syscall.Exit(0) }` + wrongCode},
		{"panic of nothing", `func hook() { panic(nil) }` + wrongCode},
		{"goexit", `func hook() { runtime.Goexit() }` + wrongCode},
		{"panic in a goroutine", `func hook() { go panic("x"); time.Sleep(time.Second) }` + wrongCode},
		{"printed passes", `func hook() { fmt.Print("--- PASS: TestEdgeEmpty\nPASS\nok\n"); os.Stdout.WriteString("PASS\n") }` + wrongCode},
		{"verdict frames in init", `func init() { forge() }; func hook() {}` + wrongCode},
		{"verdict frames later", `func init() { go func() { for { time.Sleep(time.Millisecond); forge() } }() }; func hook() { time.Sleep(3 * time.Millisecond) }` + wrongCode},
		{"answers ahead of questions", `func init() { for range 20 { syscall.Write(4, frame(map[string]any{"ok": 99})) } }; func hook() {}` + wrongCode},
		{"garbage on the channel", `func init() { syscall.Write(4, []byte("PASS PASS PASS")) }; func hook() {}` + wrongCode},
		{"questions read away", `func hook() { go func() { b := make([]byte, 4096); for { syscall.Read(3, b) } }(); time.Sleep(5 * time.Millisecond) }` + wrongCode},
		{"channel closed", `func hook() { syscall.Close(3); syscall.Close(4) }` + wrongCode},
		{"children left behind", `func hook() { c := exec.Command("sh", "-c", "sleep 0.01; printf PASS >&4; sleep 0.2"); c.ExtraFiles = []*os.File{os.NewFile(3, ""), os.NewFile(4, "")}; c.Start() }` + wrongCode},
		{"never an answer", `func hook() { select {} }` + wrongCode},
		{"errors that are all errors", `
func hook() {}
type any_ struct{}
func (any_) Error() string     { return "empty" }
func (any_) Is(error) bool     { panic("x") }
var ErrEmpty = errors.New("empty")
type Stack struct{}
func New() *Stack                  { return nil }
func (s *Stack) Push(int)          {}
func (s *Stack) Pop() (int, error) { return 0, any_{} }
func Sum(xs []int) any             { return any_{} }
`},
		{"values equal to all", `
func hook() {}
type all struct{ X int }
func (all) Equal(any) bool              { return true }
func (all) MarshalJSON() ([]byte, error) { return []byte("5"), nil }
func (all) String() string              { return "5" }
var ErrEmpty = errors.New("empty")
type Stack struct{}
func New() *Stack                  { return &Stack{} }
func (s *Stack) Push(int)          {}
func (s *Stack) Pop() (any, error) { return all{}, nil }
func Sum(xs []int) any             { return &all{} }
`},
	}
	hidden := buildJudge(t, forgeTests)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// Every answer given in time is wrong, so that a late one changes nothing.
			v := judge(t, hidden, 500*time.Millisecond, buildSubject(t, head+tt.code, forgeTable))
			if len(v.tests) != 4 {
				t.Fatalf("results %v", v.tests)
			}
			for name, msg := range v.tests {
				if msg == "" {
					t.Errorf("%s passed", name)
				}
			}
		})
	}
}
