package oracle

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// What a subject may send at most, beside MaxFrame.
const (
	maxDepth   = 200     // nesting of values
	maxItems   = 4 << 20 // values in one frame
	maxName    = 512     // bytes of a class name
	maxMRO     = 64      // classes of an exception's ancestry
	maxMessage = 64 << 10
	maxSafe    = 1 << 53
)

// canon checks what a subject sent and writes it again in its one canonical
// form, so that no byte that the subject chose reaches the judge's decoder
// unless the protocol has a meaning for it.
type canon struct {
	in    []byte
	pos   int
	out   []byte
	items int
}

// checkReply appends the canonical form of one frame's body to out. cb reports
// that it is a callback and not yet the reply.
func checkReply(out, body []byte) (res []byte, cb bool, err error) {
	c := &canon{in: body, out: out}
	if err := c.frame(&cb); err != nil {
		return out, false, fmt.Errorf("byte %d: %w", c.pos, err)
	}
	return c.out, cb, nil
}

func (c *canon) frame(cb *bool) error {
	if err := c.lit('{'); err != nil {
		return err
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	switch key {
	case "ok":
		if err := c.value(0); err != nil {
			return err
		}
		if c.comma() {
			if err := c.want("args"); err != nil {
				return err
			}
			if err := c.array(0, false); err != nil {
				return err
			}
		}
	case "err":
		if err := c.failure(); err != nil {
			return err
		}
	case "cb":
		*cb = true
		if err := c.number(0); err != nil {
			return err
		}
		if !c.comma() {
			return fmt.Errorf("a callback without args")
		}
		if err := c.want("args"); err != nil {
			return err
		}
		if err := c.array(0, false); err != nil {
			return err
		}
		if c.comma() {
			if err := c.want("kw"); err != nil {
				return err
			}
			if err := c.pairs(0, true); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("key %.40q: expected ok, err or cb", key)
	}
	if err := c.lit('}'); err != nil {
		return err
	}
	c.space()
	if c.pos != len(c.in) {
		return fmt.Errorf("something follows the object")
	}
	return nil
}

// failure copies {"class":s,"mro":[s...],"msg":s[,"args":[v...]][,"h":id]}.
func (c *canon) failure() error {
	if err := c.lit('{'); err != nil {
		return err
	}
	if err := c.want("class"); err != nil {
		return err
	}
	if err := c.text(maxName); err != nil {
		return err
	}
	if err := c.lit(','); err != nil {
		return err
	}
	if err := c.want("mro"); err != nil {
		return err
	}
	if err := c.names(); err != nil {
		return err
	}
	if err := c.lit(','); err != nil {
		return err
	}
	if err := c.want("msg"); err != nil {
		return err
	}
	if err := c.text(maxMessage); err != nil {
		return err
	}
	for _, name := range []string{"args", "h"} {
		if c.peek() != ',' {
			break
		}
		save, n := c.pos, len(c.out)
		c.comma()
		key, err := c.key()
		if err != nil {
			return err
		}
		switch {
		case key != name && name == "args": // args left out
			c.pos, c.out = save, c.out[:n]
			continue
		case key != name:
			return fmt.Errorf("key %.40q: expected %s", key, name)
		case name == "args":
			err = c.array(0, false)
		default:
			err = c.number(1)
		}
		if err != nil {
			return err
		}
	}
	return c.lit('}')
}

func (c *canon) space() {
	for c.pos < len(c.in) {
		switch c.in[c.pos] {
		case ' ', '\t', '\n', '\r':
			c.pos++
		default:
			return
		}
	}
}

func (c *canon) peek() byte {
	c.space()
	if c.pos < len(c.in) {
		return c.in[c.pos]
	}
	return 0
}

// lit reads and writes one punctuation mark.
func (c *canon) lit(b byte) error {
	if c.peek() != b {
		return fmt.Errorf("expected %q", b)
	}
	c.pos++
	c.out = append(c.out, b)
	return nil
}

// comma reads and writes a comma if there is one.
func (c *canon) comma() bool { return c.peek() == ',' && c.lit(',') == nil }

// key reads and writes a member's name with its colon. Names are written by the
// subject's own library: plain ASCII without escapes.
func (c *canon) key() (string, error) {
	if c.peek() != '"' {
		return "", fmt.Errorf("expected a key")
	}
	start := c.pos + 1
	for i := start; i < len(c.in) && i-start < 16; i++ {
		switch b := c.in[i]; {
		case b == '"':
			k := string(c.in[start:i])
			c.pos = i + 1
			c.out = append(append(append(c.out, '"'), k...), '"')
			return k, c.lit(':')
		case b != '#' && (b < 'A' || b > 'z' || b == '\\'):
			return "", fmt.Errorf("a key that is not a plain word")
		}
	}
	return "", fmt.Errorf("a key that is too long")
}

func (c *canon) want(name string) error {
	k, err := c.key()
	if err == nil && k != name {
		err = fmt.Errorf("key %.40q: expected %q", k, name)
	}
	return err
}

// value copies one value that stands inside depth others.
func (c *canon) value(depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("values nested deeper than %d", maxDepth)
	}
	if c.items++; c.items > maxItems {
		return fmt.Errorf("more than %d values", maxItems)
	}
	switch b := c.peek(); {
	case b == '"':
		return c.str(MaxFrame)
	case b == '[':
		return c.array(depth, false)
	case b == '{':
		return c.tagged(depth)
	case b == '-' || b >= '0' && b <= '9':
		return c.number(-maxSafe)
	}
	for _, w := range [...]string{"null", "true", "false"} {
		if len(c.in)-c.pos >= len(w) && string(c.in[c.pos:c.pos+len(w)]) == w {
			c.pos += len(w)
			c.out = append(c.out, w...)
			return nil
		}
	}
	return fmt.Errorf("expected a value")
}

// array copies [v, v...]; hashable says that the items stand in a set.
func (c *canon) array(depth int, hashable bool) error {
	if err := c.lit('['); err != nil {
		return err
	}
	if c.peek() == ']' {
		return c.lit(']')
	}
	for {
		if hashable && !c.mayHash() {
			return fmt.Errorf("a list, set or dict as an item of a set or key of a dict")
		}
		if err := c.value(depth + 1); err != nil {
			return err
		}
		if !c.comma() {
			return c.lit(']')
		}
	}
}

// mayHash looks ahead whether the next value is one that a set may hold. It
// looks at the outermost form only: a tuple's items are checked by the judge.
func (c *canon) mayHash() bool {
	if c.peek() == '[' {
		return false
	}
	if c.peek() == '{' && c.pos+3 < len(c.in) {
		switch string(c.in[c.pos : c.pos+3]) {
		case `{"S`, `{"D`:
			return false
		}
	}
	return true
}

// pairs copies [[k, v]...]; named asks for strings as keys.
func (c *canon) pairs(depth int, named bool) error {
	if err := c.lit('['); err != nil {
		return err
	}
	if c.peek() == ']' {
		return c.lit(']')
	}
	for {
		if err := c.lit('['); err != nil {
			return err
		}
		if named {
			if err := c.text(maxMessage); err != nil {
				return err
			}
		} else if err := c.value(depth + 1); err != nil {
			return err
		}
		if err := c.lit(','); err != nil {
			return err
		}
		if err := c.value(depth + 1); err != nil {
			return err
		}
		if err := c.lit(']'); err != nil {
			return err
		}
		if !c.comma() {
			return c.lit(']')
		}
	}
}

func (c *canon) names() error {
	if err := c.lit('['); err != nil {
		return err
	}
	for n := 0; c.peek() != ']'; n++ {
		if n > 0 {
			if err := c.lit(','); err != nil {
				return err
			}
		}
		if n >= maxMRO {
			return fmt.Errorf("more than %d ancestors of a class", maxMRO)
		}
		if err := c.text(maxName); err != nil {
			return err
		}
	}
	return c.lit(']')
}

// tagged copies an object of one tag and its payload.
func (c *canon) tagged(depth int) error {
	if err := c.lit('{'); err != nil {
		return err
	}
	tag, err := c.key()
	if err != nil {
		return err
	}
	switch tag {
	case "i":
		err = c.pattern(isHex)
	case "f":
		err = c.pattern(isFloat)
	case "c":
		if err = c.lit('['); err == nil {
			if err = c.pattern(isFloat); err == nil {
				if err = c.lit(','); err == nil {
					if err = c.pattern(isFloat); err == nil {
						err = c.lit(']')
					}
				}
			}
		}
	case "b":
		err = c.pattern(func(b []byte) bool { return isBase64(b, 1) })
	case "s":
		err = c.pattern(func(b []byte) bool { return isBase64(b, 2) })
	case "#":
		if err = c.lit('['); err == nil {
			for err = c.number(0); err == nil && c.comma(); {
				err = c.number(0)
			}
			if err == nil {
				err = c.lit(']')
			}
		}
	case "t":
		err = c.pattern(isWord)
	case "T", "I":
		err = c.array(depth, false)
	case "S", "F":
		err = c.array(depth, true)
	case "D":
		err = c.pairs(depth, false)
	case "O":
		err = c.pairs(depth, true)
	case "u":
		err = c.number(0)
	case "d":
		if c.peek() == '"' { // an invalid or fractional date
			err = c.pattern(isFloat)
		} else {
			err = c.number(-maxSafe)
		}
	case "h":
		if err = c.number(0); err == nil {
			err = c.handle(depth)
		}
	case "E":
		if err = c.number(1); err != nil {
			break
		}
		if err = c.class(); err != nil {
			break
		}
		if err = c.lit(','); err != nil {
			break
		}
		if err = c.want("m"); err == nil {
			err = c.names()
		}
	default:
		err = fmt.Errorf("unknown kind of value %.40q", tag)
	}
	if err != nil {
		return err
	}
	return c.lit('}')
}

// class copies ,"k":"Class".
func (c *canon) class() error {
	if err := c.lit(','); err != nil {
		return err
	}
	if err := c.want("k"); err != nil {
		return err
	}
	return c.text(maxName)
}

// handle copies the rest of a handle: its class and, for a tuple with named
// fields, its items.
func (c *canon) handle(depth int) error {
	if err := c.class(); err != nil {
		return err
	}
	if !c.comma() {
		return nil
	}
	if err := c.want("v"); err != nil {
		return err
	}
	return c.value(depth + 1)
}

// number copies an integer from least to 2^53.
func (c *canon) number(least int64) error {
	c.space()
	start := c.pos
	if c.pos < len(c.in) && c.in[c.pos] == '-' {
		c.pos++
	}
	for c.pos < len(c.in) && c.in[c.pos] >= '0' && c.in[c.pos] <= '9' && c.pos-start < 18 {
		c.pos++
	}
	n, err := strconv.ParseInt(string(c.in[start:c.pos]), 10, 64)
	if err != nil || n < least || n > maxSafe {
		return fmt.Errorf("expected an integer from %d to 2^53", least)
	}
	before := len(c.out)
	c.out = strconv.AppendInt(c.out, n, 10)
	if len(c.out)-before != c.pos-start {
		return fmt.Errorf("an integer with leading zeros")
	}
	if c.pos < len(c.in) {
		switch c.in[c.pos] {
		case '.', 'e', 'E':
			return fmt.Errorf("a number with a point or exponent")
		}
	}
	return nil
}

// text copies a string of at most limit bytes.
func (c *canon) text(limit int) error {
	if c.peek() != '"' {
		return fmt.Errorf("expected a string")
	}
	return c.str(limit)
}

// str copies a string: valid UTF-8, every escape resolved, and only what JSON
// must escape escaped again.
func (c *canon) str(limit int) error {
	c.pos++
	c.out = append(c.out, '"')
	begin := len(c.out)
	for {
		run := c.pos
		for run < len(c.in) && c.in[run] >= 0x20 && c.in[run] < utf8.RuneSelf && c.in[run] != '"' && c.in[run] != '\\' {
			run++
		}
		c.out = append(c.out, c.in[c.pos:run]...)
		c.pos = run
		if len(c.out)-begin > limit {
			return fmt.Errorf("a string of more than %d bytes", limit)
		}
		if c.pos >= len(c.in) {
			return fmt.Errorf("a string without end")
		}
		switch b := c.in[c.pos]; {
		case b == '"':
			c.pos++
			c.out = append(c.out, '"')
			return nil
		case b == '\\':
			r, err := c.escape()
			if err != nil {
				return err
			}
			c.out = appendEscaped(c.out, r)
		case b < 0x20:
			return fmt.Errorf("a control character in a string")
		default:
			r, n := utf8.DecodeRune(c.in[c.pos:])
			if r == utf8.RuneError && n == 1 {
				return fmt.Errorf("a string that is not UTF-8")
			}
			c.out = append(c.out, c.in[c.pos:c.pos+n]...)
			c.pos += n
		}
	}
}

// escape reads one escape sequence; a pair of surrogates is one.
func (c *canon) escape() (rune, error) {
	c.pos++
	if c.pos >= len(c.in) {
		return 0, fmt.Errorf("a string without end")
	}
	b := c.in[c.pos]
	c.pos++
	switch b {
	case '"', '\\', '/':
		return rune(b), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		r, err := c.hex4()
		if err != nil {
			return 0, err
		}
		if r < 0xd800 || r > 0xdfff {
			return r, nil
		}
		if r > 0xdbff || c.pos+2 > len(c.in) || c.in[c.pos] != '\\' || c.in[c.pos+1] != 'u' {
			return 0, fmt.Errorf("half a surrogate pair")
		}
		c.pos += 2
		low, err := c.hex4()
		if err != nil {
			return 0, err
		}
		if low < 0xdc00 || low > 0xdfff {
			return 0, fmt.Errorf("half a surrogate pair")
		}
		return (r-0xd800)<<10 + (low - 0xdc00) + 0x10000, nil
	}
	return 0, fmt.Errorf("an unknown escape")
}

func (c *canon) hex4() (rune, error) {
	if c.pos+4 > len(c.in) {
		return 0, fmt.Errorf("a short escape")
	}
	n, err := strconv.ParseUint(string(c.in[c.pos:c.pos+4]), 16, 32)
	if err != nil {
		return 0, fmt.Errorf("an escape that is not hexadecimal")
	}
	c.pos += 4
	return rune(n), nil
}

func appendEscaped(out []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(out, '\\', byte(r))
	case r == '\n':
		return append(out, `\n`...)
	case r < 0x20:
		return fmt.Appendf(out, `\u%04x`, r)
	}
	return utf8.AppendRune(out, r)
}

// pattern copies a string of plain ASCII that ok accepts.
func (c *canon) pattern(ok func([]byte) bool) error {
	if c.peek() != '"' {
		return fmt.Errorf("expected a string")
	}
	end := c.pos + 1
	for end < len(c.in) && c.in[end] != '"' {
		end++
	}
	if end >= len(c.in) {
		return fmt.Errorf("a string without end")
	}
	s := c.in[c.pos+1 : end]
	if !ok(s) {
		return fmt.Errorf("%.40q is not of its kind's form", s)
	}
	c.out = append(c.out, c.in[c.pos:end+1]...)
	c.pos = end + 1
	return nil
}

func isHex(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) < 3 || b[0] != '0' || b[1] != 'x' {
		return false
	}
	for _, d := range b[2:] {
		if (d < '0' || d > '9') && (d < 'a' || d > 'f') {
			return false
		}
	}
	return true
}

func isFloat(b []byte) bool {
	switch string(b) {
	case "nan", "inf", "-inf":
		return true
	}
	if len(b) == 0 || len(b) > 40 {
		return false
	}
	for _, d := range b {
		if (d < '0' || d > '9') && d != '-' && d != '+' && d != '.' && d != 'e' {
			return false
		}
	}
	_, err := strconv.ParseFloat(string(b), 64)
	return err == nil
}

func isWord(b []byte) bool {
	for _, d := range b {
		if d < 'A' || d > 'z' || d > 'Z' && d < 'a' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 16
}

func isBase64(b []byte, unit int) bool {
	if len(b)%4 != 0 {
		return false
	}
	for _, d := range b {
		if d == '\n' || d == '\r' { // the decoder would skip them
			return false
		}
	}
	n, err := base64.StdEncoding.Strict().Decode(make([]byte, base64.StdEncoding.DecodedLen(len(b))), b)
	return err == nil && n%unit == 0
}
