package oracle

import (
	"encoding/json"
	"strings"
	"testing"
)

var replies = []struct{ in, want, err string }{
	{`{"ok":null}`, `{"ok":null}`, ""},
	{` {"ok" : [1, -2 ,true,false , "a\u0041\n\ud83d\ude00"]} `, `{"ok":[1,-2,true,false,"aA\n😀"]}`, ""},
	{`{"ok":{"f":"1e+16"},"args":[{"T":[]}]}`, `{"ok":{"f":"1e+16"},"args":[{"T":[]}]}`, ""},
	{`{"ok":{"i":"-0x1f"}}`, `{"ok":{"i":"-0x1f"}}`, ""},
	{`{"ok":{"c":["nan","-inf"]}}`, `{"ok":{"c":["nan","-inf"]}}`, ""},
	{`{"ok":{"b":"AAA="}}`, `{"ok":{"b":"AAA="}}`, ""},
	{`{"ok":{"s":"ANg="}}`, `{"ok":{"s":"ANg="}}`, ""},
	{`{"ok":{"D":[[{"T":[1]},{"S":[2]}]]}}`, `{"ok":{"D":[[{"T":[1]},{"S":[2]}]]}}`, ""},
	{`{"ok":{"O":[["a",{"u":0}],["b",{"d":1.5}]]}}`, "", "point or exponent"},
	{`{"ok":{"O":[["a",{"u":0}],["b",{"d":15}]]}}`, `{"ok":{"O":[["a",{"u":0}],["b",{"d":15}]]}}`, ""},
	{`{"ok":{"h":3,"k":"A"}}`, `{"ok":{"h":3,"k":"A"}}`, ""},
	{`{"ok":{"h":3,"k":"P","v":{"T":[1,2]}}}`, `{"ok":{"h":3,"k":"P","v":{"T":[1,2]}}}`, ""},
	{`{"ok":{"E":3,"k":"A","m":["m.A(Exception)","Exception"]}}`, `{"ok":{"E":3,"k":"A","m":["m.A(Exception)","Exception"]}}`, ""},
	{`{"ok":{"#":[5000000,1,77]}}`, `{"ok":{"#":[5000000,1,77]}}`, ""},
	{`{"ok":{"t":"int"}}`, `{"ok":{"t":"int"}}`, ""},
	{`{"err":{"class":"E","mro":["E"],"msg":"m"}}`, `{"err":{"class":"E","mro":["E"],"msg":"m"}}`, ""},
	{`{"err":{"class":"E","mro":[],"msg":"m","args":[1],"h":4}}`, `{"err":{"class":"E","mro":[],"msg":"m","args":[1],"h":4}}`, ""},
	{`{"err":{"class":"E","mro":[],"msg":"m","h":4}}`, `{"err":{"class":"E","mro":[],"msg":"m","h":4}}`, ""},
	{`{"cb":1,"args":[2],"kw":[["a",3]]}`, `{"cb":1,"args":[2],"kw":[["a",3]]}`, ""},

	{`{"gone":"x"}`, "", "expected ok, err or cb"},
	{`{"op":"done","tests":1}`, "", "expected ok, err or cb"},
	{`{"ok":1}{"ok":2}`, "", "something follows"},
	{`{"ok":1,"ok":2}`, "", `expected "args"`},
	{`{"ok":01}`, "", "leading zeros"},
	{`{"ok":-0}`, "", "leading zeros"},
	{`{"ok":1.5}`, "", "point or exponent"},
	{`{"ok":1e5}`, "", "point or exponent"},
	{`{"ok":9007199254740993}`, "", "2^53"},
	{`{"ok":99999999999999999999}`, "", "expected"},
	{`{"ok":{}}`, "", "expected a key"},
	{`{"ok":{"x":1}}`, "", "unknown kind"},
	{`{"ok":{"cb":1}}`, "", "unknown kind"},
	{`{"ok":{"f":1.5}}`, "", "expected a string"},
	{`{"ok":{"f":"0x1p3"}}`, "", "form"},
	{`{"ok":{"f":"1_0"}}`, "", "form"},
	{`{"ok":{"i":"12"}}`, "", "form"},
	{`{"ok":{"b":"A"}}`, "", "form"},
	{`{"ok":{"b":"AA\n=="}}`, "", "form"},
	{`{"ok":{"s":"AA=="}}`, "", "form"},
	{`{"ok":{"S":[[1]]}}`, "", "item of a set"},
	{`{"ok":{"D":[[1]]}}`, "", `expected ','`},
	{`{"ok":{"h":-1,"k":"A"}}`, "", "integer from 0"},
	{`{"ok":{"h":1}}`, "", `expected ','`},
	{`{"ok":"` + "\xff" + `"}`, "", "not UTF-8"},
	{`{"ok":"\ud800"}`, "", "half a surrogate"},
	{"{\"ok\":\"\n\"}", "", "control character"},
	{`{"ok":"a`, "", "without end"},
	{`{"ok":[1,]}`, "", "expected a value"},
	{`{"ok":nul}`, "", "expected a value"},
	{`{"o\u006b":1}`, "", "plain word"},
	{`[]`, "", `expected '{'`},
	{``, "", `expected '{'`},
	{`{"ok":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`, "", "nested deeper than 200"},
	{`{"err":{"class":"` + strings.Repeat("x", 1000) + `","mro":[],"msg":""}}`, "", "more than 512 bytes"},
}

func TestCheckReply(t *testing.T) {
	for _, c := range replies {
		got, _, err := checkReply(nil, []byte(c.in))
		switch {
		case c.err == "" && (err != nil || string(got) != c.want):
			t.Errorf("%.80s: %s, %v; want %s", c.in, got, err, c.want)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%.80s: %v; want an error with %q", c.in, err, c.err)
		}
	}
}

// What passes is JSON, and passes again unchanged.
func FuzzCheckReply(f *testing.F) {
	for _, c := range replies {
		f.Add([]byte(c.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, _, err := checkReply(nil, in)
		if err != nil {
			return
		}
		if !json.Valid(got) {
			t.Fatalf("%q became %q, which is not JSON", in, got)
		}
		again, _, err := checkReply(nil, got)
		if err != nil || string(again) != string(got) {
			t.Fatalf("%q became %q, then %q (%v)", in, got, again, err)
		}
	})
}

func BenchmarkCheckReply(b *testing.B) {
	in := []byte(`{"ok":[` + strings.Repeat(`{"f":"1.25"},"text",12345,`, 1000) + `null]}`)
	b.SetBytes(int64(len(in)))
	var out []byte
	for b.Loop() {
		var err error
		if out, _, err = checkReply(out[:0], in); err != nil {
			b.Fatal(err)
		}
	}
}
