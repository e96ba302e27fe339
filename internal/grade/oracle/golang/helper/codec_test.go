package helper

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

type tree struct {
	Name     string
	Children []tree
	Extra    map[string]any
	hidden   int
}

func TestRoundTrip(t *testing.T) {
	long, _ := new(big.Int).SetString("-340282366920938463463374607431768211456", 10)
	var buf bytes.Buffer
	s := newWireServer(nil, wireConn{&buf, &buf})
	for _, v := range []any{
		true, 0, -1, int64(math.MaxInt64), int64(math.MinInt64), uint64(math.MaxUint64), 1 << 53, 1<<53 + 1, 0.1, float32(0.1), math.Inf(1), -2i,
		"", "é", "\xff\x00", []byte{}, []byte("x"), []int{1}, [2]string{"a", ""}, [][]byte{{1}}, map[string]int{"a": 1}, map[int][]bool{1: {true}},
		tree{Name: "a", Children: []tree{{Name: "b"}}, Extra: map[string]any{"x": []any{1, nil, "y"}}}, long, time.Second,
		time.Date(2024, 1, 2, 3, 4, 5, 6, time.UTC), struct{}{}, [3]byte{1, 2, 3}, []error(nil), (*int)(nil),
	} {
		b, err := wireEncode([]byte(`{"ok":`), reflect.ValueOf(v), s, 0)
		if err != nil {
			t.Errorf("%#v: %v", v, err)
			continue
		}
		m, err := wireParse(append(b, '}'))
		if err != nil {
			t.Errorf("%#v: %s: %v", v, b, err)
			continue
		}
		got, err := wireInto(m["ok"], reflect.TypeOf(v), s, 0)
		if err != nil || !reflect.DeepEqual(got.Interface(), v) {
			t.Errorf("%#v: %s: got %#v, %v", v, b, got, err)
		}
	}
}

func TestRefused(t *testing.T) {
	s := newWireServer(nil, wireConn{})
	deep := strings.Repeat(`[`, 300) + strings.Repeat(`]`, 300)
	for _, tt := range []struct {
		text string
		into any
	}{
		{`1.5`, 0}, {`1e3`, 0}, {`256`, uint8(0)}, {`-1`, uint(0)}, {`{"f":"1.5"}`, 0}, {`{"f":"x"}`, 0.0}, {`"x"`, 0}, {`null`, 0}, {`{"i":"12"}`, 0},
		{`{"i":"0x"}`, 0}, {`{"i":"--0x1"}`, 0}, {`{"b":"?"}`, []byte(nil)}, {`[1,2,3]`, [2]int{}}, {`{"D":[[[1],2]]}`, map[any]any(nil)}, {`{"D":[1]}`, map[int]int(nil)},
		{`{"O":[["hidden",1]]}`, tree{}}, {`{"O":[["Nobody",1]]}`, tree{}}, {`{"O":1}`, tree{}}, {`{"h":1}`, 0}, {`{"h":-1}`, 0}, {`{"h":"1"}`, 0}, {`{"cb":1}`, 0},
		{`{"x":1,"y":2}`, any(1)}, {`{}`, 1}, {deep, []any(nil)}, {`"2024"`, time.Time{}},
	} {
		m, err := wireParse([]byte(`{"v":` + tt.text + `}`))
		if err != nil {
			t.Fatalf("%s: %v", tt.text, err)
		}
		if v, err := wireInto(m["v"], reflect.TypeOf(tt.into), s, 0); err == nil {
			t.Errorf("%.60s became %#v", tt.text, v)
		}
	}
}

type ring struct{ Next any }

func TestCycles(t *testing.T) {
	s := newWireServer(nil, wireConn{})
	loop := []any{nil}
	loop[0] = loop
	if _, err := wireEncode(nil, reflect.ValueOf(loop), s, 0); err == nil {
		t.Error("a slice within itself was encoded")
	}
	r := &ring{}
	r.Next = r
	if b, err := wireEncode(nil, reflect.ValueOf(*r), s, 0); err != nil || string(b) != `{"O":[["Next",{"h":1,"k":"ring"}]]}` {
		t.Errorf("%s, %v", b, err)
	}
}

func TestLabels(t *testing.T) {
	for name, want := range map[string]string{
		"TestEdge": "edge", "TestEdgeEmpty": "edge", "TestEdge_empty": "edge", "TestEdgewise": "typical", "TestErrorFull/sub": "error",
		"TestStateful": "typical", "TestExploitQuote": "exploit", "TestTypicalX": "typical", "TestLRU": "typical",
	} {
		if got := wireLabel(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// Whatever a frame says, the server answers with one frame of JSON.
func FuzzServer(f *testing.F) {
	for _, s := range []string{
		`{"op":"load","name":"Echo"}`, `{"op":"call","obj":1,"name":null,"args":[{"O":[["a",{"D":[[1,{"f":"nan"}]]}]]}]}`, `{"op":"call","obj":2,"args":[1,{"cb":1}]}`,
		`{"op":"get","obj":3,"name":"*"}`, `{"op":"set","obj":3,"name":"Name","val":"x"}`, `{"op":"call","obj":3,"name":"String","copy":true}`, `{"op":"len","obj":1}`,
		`{"op":"call","obj":4,"args":[{"s":"ANg="},{"i":"-0x1f"},{"b":"AA=="},{"T":[]}]}`, `{}`, `{"op":"call","obj":5,"args":[{"h":3}]}`, `{"op":"str","obj":3}`,
	} {
		f.Add([]byte(s))
	}
	table := table{
		"Echo": func(x any) any { return x }, "Each": func(n int, f func(int) (string, error)) (string, error) { return f(n) }, "Tree": &tree{Name: "t"},
		"Many": func(xs ...any) (int, error) { return len(xs), errors.New("x") }, "Of": func(t tree, p *tree, m map[string][]uint8, a [2]float64) {},
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := wireParse(body)
		if err != nil {
			return
		}
		// Answers to callbacks, should one be made.
		var in, out bytes.Buffer
		for range 3 {
			b := []byte(`{"op":"return","val":{"T":["a",1]}}`)
			in.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
		}
		s := newWireServer(table, wireConn{&in, &out})
		for _, name := range []string{"Echo", "Each", "Tree", "Many", "Of"} {
			if v, _, err := s.act(map[string]any{"op": "load", "name": name}); err != nil {
				t.Fatal(err)
			} else if _, err := wireEncode(nil, v[0], s, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.answer(m); err != nil {
			t.Fatal(err)
		}
		replies := wireConn{r: &out}
		for n := 0; ; n++ {
			r, err := replies.read()
			if err == io.EOF {
				if n == 0 {
					t.Fatal("no reply")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r["ok"] == nil && r["err"] == nil && r["cb"] == nil {
				if _, ok := r["ok"]; !ok {
					t.Fatalf("reply %v", r)
				}
			}
		}
	})
}

// A value that is decoded and encoded again is the same value.
func FuzzNatural(f *testing.F) {
	for _, s := range []string{`1`, `{"i":"0x20000000000001"}`, `{"f":"-0.0"}`, `"x"`, `[null,true,{"b":"AAE="}]`, `{"D":[["a",{"O":[["b",1]]}]]}`, `{"c":["1","nan"]}`, `{"u":0}`, `{"s":"ANg="}`} {
		f.Add(s)
	}
	s := newWireServer(nil, wireConn{})
	f.Fuzz(func(t *testing.T, text string) {
		m, err := wireParse([]byte(`{"v":` + text + `}`))
		if err != nil {
			return
		}
		v, err := wireNatural(m["v"], s, 0)
		if err != nil {
			return
		}
		b, err := wireEncode([]byte(`{"v":`), reflect.ValueOf(v), s, 0)
		if err != nil {
			return // nested too deep for a reply
		}
		b = append(b, '}')
		if !json.Valid(b) {
			t.Fatalf("%q became %q", text, b)
		}
		m, err = wireParse(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := wireNatural(m["v"], s, 0)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, b, err)
		}
		c, err := wireEncode([]byte(`{"v":`), reflect.ValueOf(again), s, 0)
		if err != nil || string(append(c, '}')) != string(b) {
			t.Fatalf("%q became %q, then %q: %v", text, b, c, err)
		}
	})
}
