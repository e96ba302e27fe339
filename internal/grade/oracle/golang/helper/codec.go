// Package helper is compiled into other programs: its files are laid beside the
// hidden tests with the package clause rewritten (see package golang). Into the
// subject go codec.go and serve.go, into the judge codec.go, judge.go, result.go
// and run.go. It stands here as a package of its own so that it is vetted and
// tested; nothing of METR imports it.
//
// It is compiled by the candidate's module, so it keeps to the language of Go
// 1.18 and to the standard library, and its names begin with wire where an
// author's own could be meant.
package helper

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// wireMisuse is the class of errors that are not the candidate's: a question
// that its code cannot be asked, as an argument of another type.
const wireMisuse = "misuse"

const (
	wireMaxFrame = 16 << 20
	wireMaxDepth = 190 // of values within a reply; the protocol allows 200
)

// wireConn is one end of the channel.
type wireConn struct {
	r io.Reader
	w io.Writer
}

func (c wireConn) write(body []byte) error {
	if len(body) > wireMaxFrame {
		return fmt.Errorf("a message of %d bytes is over the limit of %d", len(body), wireMaxFrame)
	}
	b := make([]byte, 4, 4+len(body))
	binary.BigEndian.PutUint32(b, uint32(len(body)))
	_, err := c.w.Write(append(b, body...))
	return err
}

// read returns the next frame's object; io.EOF at the end.
func (c wireConn) read() (map[string]any, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > wireMaxFrame {
		return nil, fmt.Errorf("a frame of %d bytes is over the limit of %d", n, wireMaxFrame)
	}
	body, err := io.ReadAll(io.LimitReader(c.r, int64(n)))
	if err != nil {
		return nil, err
	}
	if len(body) < int(n) {
		return nil, io.ErrUnexpectedEOF
	}
	return wireParse(body)
}

// wireParse reads a frame's body.
func wireParse(body []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF || m == nil {
		return nil, fmt.Errorf("a frame must be one object")
	}
	return m, nil
}

// wireRefs is what stays where it is: objects behind handles, and functions.
type wireRefs interface {
	// refer gives the text that stands for v.
	refer(v reflect.Value) (string, error)
	// object gives the value of a handle that came as an argument.
	object(id int64, class string) (reflect.Value, error)
	// function makes a function of type t that calls the other side's.
	function(id int64, t reflect.Type) (reflect.Value, error)
}

var (
	wireErrorType  = reflect.TypeOf((*error)(nil)).Elem()
	wireTimeType   = reflect.TypeOf(time.Time{})
	wireBigType    = reflect.TypeOf((*big.Int)(nil))
	wireReaderType = reflect.TypeOf((*io.Reader)(nil)).Elem()
	wireNone       reflect.Value
)

// wireEncode appends v as a protocol value.
func wireEncode(out []byte, v reflect.Value, refs wireRefs, depth int) ([]byte, error) {
	if depth > wireMaxDepth {
		return nil, fmt.Errorf("a value nested deeper than %d cannot cross", wireMaxDepth)
	}
	if !v.IsValid() {
		return append(out, "null"...), nil
	}
	t := v.Type()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Func, reflect.Chan:
		if v.IsNil() {
			return append(out, "null"...), nil
		}
	}
	switch {
	case t == wireTimeType:
		return wireQuote(out, v.Interface().(time.Time).Format(time.RFC3339Nano)), nil
	case t == wireBigType:
		return wireBig(out, v.Interface().(*big.Int)), nil
	case v.Kind() == reflect.Interface:
		if t.NumMethod() > 0 && wireStays(v.Elem()) {
			return wireRefer(out, v.Elem(), refs)
		}
		return wireEncode(out, v.Elem(), refs, depth+1)
	case t.Implements(wireErrorType):
		return wireRefer(out, v, refs)
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(out, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return wireInt(out, v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if u := v.Uint(); u > math.MaxInt64 {
			return wireBig(out, new(big.Int).SetUint64(u)), nil
		}
		return wireInt(out, int64(v.Uint())), nil
	case reflect.Float32:
		return append(append(append(out, `{"f":"`...), wireFloat(v.Float(), 32)...), `"}`...), nil
	case reflect.Float64:
		return append(append(append(out, `{"f":"`...), wireFloat(v.Float(), 64)...), `"}`...), nil
	case reflect.Complex64, reflect.Complex128:
		c := v.Complex()
		return append(out, fmt.Sprintf(`{"c":["%s","%s"]}`, wireFloat(real(c), 64), wireFloat(imag(c), 64))...), nil
	case reflect.String:
		if s := v.String(); utf8.ValidString(s) {
			return wireQuote(out, s), nil
		}
		return wireBytes(out, []byte(v.String())), nil
	case reflect.Slice, reflect.Array:
		return wireList(out, v, refs, depth)
	case reflect.Map:
		return wireMap(out, v, refs, depth)
	case reflect.Struct:
		return wireStruct(out, v, refs, depth)
	}
	return wireRefer(out, v, refs)
}

// wireStays reports whether a value in an interface with methods is needed for
// its methods.
func wireStays(v reflect.Value) bool {
	t := v.Type()
	return t != wireTimeType && t != wireBigType && t.NumMethod() > 0
}

func wireRefer(out []byte, v reflect.Value, refs wireRefs) ([]byte, error) {
	s, err := refs.refer(v)
	return append(out, s...), err
}

func wireList(out []byte, v reflect.Value, refs wireRefs, depth int) ([]byte, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		return wireBytes(out, b), nil
	}
	out = append(out, '[')
	for i := 0; i < v.Len(); i++ {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = wireEncode(out, v.Index(i), refs, depth+1); err != nil {
			return nil, err
		}
		if len(out) > wireMaxFrame {
			return nil, fmt.Errorf("a value of more than %d bytes cannot cross", wireMaxFrame)
		}
	}
	return append(out, ']'), nil
}

// wireMap encodes a map in the order of its encoded keys, so that equal maps
// have equal texts.
func wireMap(out []byte, v reflect.Value, refs wireRefs, depth int) ([]byte, error) {
	pairs := make([]string, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		b, err := wireEncode([]byte{'['}, it.Key(), refs, depth+1)
		if err != nil {
			return nil, err
		}
		if b, err = wireEncode(append(b, ','), it.Value(), refs, depth+1); err != nil {
			return nil, err
		}
		pairs = append(pairs, string(append(b, ']')))
	}
	sort.Strings(pairs)
	return append(append(append(out, `{"D":[`...), strings.Join(pairs, ",")...), `]}`...), nil
}

func wireStruct(out []byte, v reflect.Value, refs wireRefs, depth int) ([]byte, error) {
	t := v.Type()
	start := len(out)
	out = append(out, `{"O":[`...)
	n := 0
	for i := 0; i < t.NumField(); i++ {
		if !t.Field(i).IsExported() {
			continue
		}
		if n++; n > 1 {
			out = append(out, ',')
		}
		out = append(wireQuote(append(out, '['), t.Field(i).Name), ',')
		var err error
		if out, err = wireEncode(out, v.Field(i), refs, depth+1); err != nil {
			return nil, err
		}
		out = append(out, ']')
	}
	if n == 0 && t.NumField() > 0 {
		return wireRefer(out[:start], v, refs) // nothing of it can be seen from outside
	}
	return append(out, `]}`...), nil
}

func wireInt(out []byte, n int64) []byte {
	if n > 1<<53 || n < -1<<53 {
		return wireBig(out, big.NewInt(n))
	}
	return strconv.AppendInt(out, n, 10)
}

func wireBig(out []byte, n *big.Int) []byte {
	if n.IsInt64() && n.Int64() <= 1<<53 && n.Int64() >= -1<<53 {
		return strconv.AppendInt(out, n.Int64(), 10)
	}
	return append(out, fmt.Sprintf(`{"i":"%#x"}`, n)...)
}

func wireFloat(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case f == 0 && math.Signbit(f):
		return "-0.0"
	}
	return strconv.FormatFloat(f, 'g', -1, bits)
}

func wireBytes(out, b []byte) []byte {
	return append(append(append(out, `{"b":"`...), base64.StdEncoding.EncodeToString(b)...), `"}`...)
}

// wireQuote appends s as a JSON string; what is not UTF-8 becomes U+FFFD.
func wireQuote(out []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string always encodes
		panic(err)
	}
	return append(out, bytes.TrimSuffix(b.Bytes(), []byte{'\n'})...)
}

// wireTag returns the tag and payload of a value that is an object.
func wireTag(x any) (string, any, bool) {
	m, ok := x.(map[string]any)
	if !ok {
		return "", nil, false
	}
	for _, tag := range []string{"h", "E", "cb"} {
		if v, ok := m[tag]; ok {
			return tag, v, true
		}
	}
	if len(m) == 1 {
		for k, v := range m {
			return k, v, true
		}
	}
	return "", nil, true
}
