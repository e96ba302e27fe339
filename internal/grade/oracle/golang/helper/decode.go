package helper

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// wireInto makes a value of type t from a parsed protocol value.
func wireInto(x any, t reflect.Type, refs wireRefs, depth int) (reflect.Value, error) {
	bad := func() (reflect.Value, error) {
		return wireNone, fmt.Errorf("%s cannot become a %s", wireDescribe(x), t)
	}
	if depth > wireMaxDepth+20 {
		return wireNone, fmt.Errorf("a value is nested too deep")
	}
	tag, p, tagged := wireTag(x)
	switch {
	case tagged && (tag == "h" || tag == "E"):
		id, err := wireID(p)
		if err != nil {
			return wireNone, err
		}
		v, err := refs.object(id, wireKind(x))
		if err != nil {
			return wireNone, err
		}
		return wireFit(v, t)
	case tagged && tag == "cb":
		id, err := wireID(p)
		if err != nil {
			return wireNone, err
		}
		if t.Kind() != reflect.Func {
			return bad()
		}
		return refs.function(id, t)
	case t == wireTimeType:
		s, ok := x.(string)
		if !ok {
			return bad()
		}
		d, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return bad()
		}
		return reflect.ValueOf(d), nil
	case t == wireBigType:
		n, ok := wireInteger(x)
		if x == nil {
			return reflect.Zero(t), nil
		}
		if !ok {
			return bad()
		}
		return reflect.ValueOf(n), nil
	case t == wireReaderType && x != nil:
		b, ok := wireRaw(x)
		if !ok {
			return bad()
		}
		return reflect.ValueOf(bytes.NewReader(b)), nil
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		n, err := wireNatural(x, refs, depth)
		if err != nil || n == nil {
			return reflect.Zero(t), err
		}
		v := reflect.New(t).Elem()
		v.Set(reflect.ValueOf(n))
		return v, nil
	}
	v := reflect.New(t).Elem()
	if x == nil {
		switch t.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map, reflect.Func, reflect.Chan:
			return v, nil
		}
		return bad()
	}
	switch t.Kind() {
	case reflect.Bool:
		b, ok := x.(bool)
		if !ok {
			return bad()
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := wireInteger(x)
		if !ok || !n.IsInt64() || v.OverflowInt(n.Int64()) {
			return bad()
		}
		v.SetInt(n.Int64())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n, ok := wireInteger(x)
		if !ok || !n.IsUint64() || v.OverflowUint(n.Uint64()) {
			return bad()
		}
		v.SetUint(n.Uint64())
	case reflect.Float32, reflect.Float64:
		f, ok := wireNumber(x)
		if !ok {
			return bad()
		}
		v.SetFloat(f)
	case reflect.Complex64, reflect.Complex128:
		l, ok := p.([]any)
		if tag != "c" || !ok || len(l) != 2 {
			return bad()
		}
		re, ok1 := wireNumber(map[string]any{"f": l[0]})
		im, ok2 := wireNumber(map[string]any{"f": l[1]})
		if !ok1 || !ok2 {
			return bad()
		}
		v.SetComplex(complex(re, im))
	case reflect.String:
		b, ok := wireRaw(x)
		if !ok {
			return bad()
		}
		v.SetString(string(b))
	case reflect.Slice, reflect.Array:
		return wireIntoList(x, t, refs, depth)
	case reflect.Map:
		l, ok := p.([]any)
		if (tag != "D" && tag != "O") || !ok {
			return bad()
		}
		v.Set(reflect.MakeMapWithSize(t, len(l)))
		for _, e := range l {
			pair, ok := e.([]any)
			if !ok || len(pair) != 2 {
				return bad()
			}
			k, err := wireInto(pair[0], t.Key(), refs, depth+1)
			if err != nil {
				return wireNone, err
			}
			if !k.Comparable() {
				return bad()
			}
			e, err := wireInto(pair[1], t.Elem(), refs, depth+1)
			if err != nil {
				return wireNone, err
			}
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		l, ok := p.([]any)
		if tag != "O" || !ok {
			return bad()
		}
		for _, e := range l {
			pair, ok := e.([]any)
			if !ok || len(pair) != 2 {
				return bad()
			}
			name, ok := pair[0].(string)
			f, found := t.FieldByName(name)
			if !ok || !found || !f.IsExported() || len(f.Index) != 1 {
				return wireNone, fmt.Errorf("%s has no exported field %v", t, pair[0])
			}
			fv, err := wireInto(pair[1], f.Type, refs, depth+1)
			if err != nil {
				return wireNone, fmt.Errorf("field %s: %w", name, err)
			}
			v.FieldByIndex(f.Index).Set(fv)
		}
	case reflect.Pointer:
		e, err := wireInto(x, t.Elem(), refs, depth+1)
		if err != nil {
			return wireNone, err
		}
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(e)
	default:
		return bad()
	}
	return v, nil
}

func wireIntoList(x any, t reflect.Type, refs wireRefs, depth int) (reflect.Value, error) {
	v := reflect.New(t).Elem()
	bad := func() (reflect.Value, error) {
		return wireNone, fmt.Errorf("%s cannot become a %s", wireDescribe(x), t)
	}
	size := func(n int) bool {
		if t.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(t, n, n))
		}
		return v.Len() == n
	}
	if t.Elem().Kind() == reflect.Uint8 {
		if b, ok := wireRaw(x); ok {
			if !size(len(b)) {
				return bad()
			}
			for i, c := range b {
				v.Index(i).SetUint(uint64(c))
			}
			return v, nil
		}
	}
	l, ok := x.([]any)
	if tag, p, _ := wireTag(x); tag == "T" || tag == "I" {
		l, ok = p.([]any)
	}
	if !ok || !size(len(l)) {
		return bad()
	}
	for i, e := range l {
		ev, err := wireInto(e, t.Elem(), refs, depth+1)
		if err != nil {
			return wireNone, fmt.Errorf("item %d: %w", i, err)
		}
		v.Index(i).Set(ev)
	}
	return v, nil
}

// wireFit makes v usable where a t is wanted.
func wireFit(v reflect.Value, t reflect.Type) (reflect.Value, error) {
	switch {
	case v.Type().AssignableTo(t):
		out := reflect.New(t).Elem()
		out.Set(v)
		return out, nil
	case v.Kind() == reflect.Pointer && !v.IsNil() && v.Type().Elem().AssignableTo(t):
		return wireFit(v.Elem(), t)
	case v.Kind() == reflect.Func && t.Kind() == reflect.Func && v.Type().ConvertibleTo(t):
		return v.Convert(t), nil
	}
	return wireNone, fmt.Errorf("a %s was given where a %s is wanted", v.Type(), t)
}

// wireNatural is x in the Go types that suit it best: nil, bool, int, *big.Int,
// float64, complex128, string, []byte, []any, map[any]any, map[string]any, or
// what refs makes of a handle.
func wireNatural(x any, refs wireRefs, depth int) (any, error) {
	if depth > wireMaxDepth+20 {
		return nil, fmt.Errorf("a value is nested too deep")
	}
	into := func(t reflect.Type) (any, error) {
		v, err := wireInto(x, t, refs, depth+1)
		if err != nil {
			return nil, err
		}
		return v.Interface(), nil
	}
	switch x := x.(type) {
	case nil, bool, string:
		return x, nil
	case json.Number:
		return into(reflect.TypeOf(0))
	case []any:
		return into(reflect.TypeOf([]any(nil)))
	}
	tag, p, _ := wireTag(x)
	switch tag {
	case "i":
		return into(wireBigType)
	case "f":
		return into(reflect.TypeOf(0.0))
	case "c":
		return into(reflect.TypeOf(complex128(0)))
	case "b":
		return into(reflect.TypeOf([]byte(nil)))
	case "s":
		return into(reflect.TypeOf(""))
	case "T", "I", "S", "F":
		l, ok := p.([]any)
		if !ok {
			break
		}
		return wireNatural(l, refs, depth+1)
	case "D":
		return into(reflect.TypeOf(map[any]any(nil)))
	case "O":
		return into(reflect.TypeOf(map[string]any(nil)))
	case "u":
		return nil, nil
	case "h", "E":
		id, err := wireID(p)
		if err != nil {
			return nil, err
		}
		v, err := refs.object(id, wireKind(x))
		if err != nil {
			return nil, err
		}
		return v.Interface(), nil
	}
	return nil, fmt.Errorf("%s is not a value", wireDescribe(x))
}

// wireInteger reads an integer, or a float without a fraction.
func wireInteger(x any) (*big.Int, bool) {
	if n, ok := x.(json.Number); ok {
		return new(big.Int).SetString(string(n), 10)
	}
	tag, p, _ := wireTag(x)
	s, ok := p.(string)
	if tag != "i" || !ok || len(s) > 1<<20 {
		return nil, false
	}
	digits := strings.TrimPrefix(s, "-")
	n, ok := new(big.Int).SetString(strings.TrimPrefix(digits, "0x"), 16)
	if !ok || !strings.HasPrefix(digits, "0x") || len(digits) < 3 || digits[2] == '-' || digits[2] == '+' {
		return nil, false
	}
	if digits != s {
		n.Neg(n)
	}
	return n, true
}

// wireNumber reads a float or an integer.
func wireNumber(x any) (float64, bool) {
	if tag, p, _ := wireTag(x); tag == "f" {
		s, ok := p.(string)
		if !ok {
			return 0, false
		}
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	}
	n, ok := wireInteger(x)
	if !ok {
		return 0, false
	}
	f, _ := new(big.Float).SetInt(n).Float64()
	return f, true
}

// wireRaw reads a string or bytes.
func wireRaw(x any) ([]byte, bool) {
	if s, ok := x.(string); ok {
		return []byte(s), true
	}
	tag, p, _ := wireTag(x)
	s, ok := p.(string)
	if !ok || (tag != "b" && tag != "s") {
		return nil, false
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, false
	}
	if tag == "s" {
		u := make([]uint16, len(b)/2)
		for i := range u {
			u[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		return []byte(string(utf16.Decode(u))), true
	}
	return b, true
}

// wireKind is the class that a handle names.
func wireKind(x any) string {
	m, _ := x.(map[string]any)
	k, _ := m["k"].(string)
	return k
}

func wireID(p any) (int64, error) {
	n, ok := p.(json.Number)
	if !ok {
		return 0, fmt.Errorf("a handle must be a number")
	}
	id, err := n.Int64()
	if err != nil || id < 0 {
		return 0, fmt.Errorf("%q is not a handle", n)
	}
	return id, nil
}

// wireDescribe names a value in a few words.
func wireDescribe(x any) string {
	b, err := json.Marshal(x)
	if err != nil {
		return "a value"
	}
	if tag, p, _ := wireTag(x); tag == "f" {
		return fmt.Sprintf("the float %v", p)
	} else if tag == "h" || tag == "E" {
		return fmt.Sprintf("an object of class %v", x.(map[string]any)["k"])
	}
	if len(b) > 80 {
		b = append(b[:77:77], "..."...)
	}
	return string(b)
}
