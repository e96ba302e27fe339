package gateway

import "bytes"

// maxEvent bounds the data of one event of a stream, in bytes; of longer ones,
// data is not looked at.
const maxEvent = 16 << 20

// events cuts a stream of server-sent events into events, whatever pieces it
// comes in. Lines end with LF, CR LF or CR. It keeps no more than one event.
type events struct {
	line []byte
	data []byte
	some bool // the event has data
	long bool
	cr   bool // the last byte was a CR
}

// feed takes a piece and calls f with the data of each event that ends in it.
// f must not keep data.
func (e *events) feed(p []byte, f func(data []byte)) {
	for len(p) > 0 {
		if e.cr && p[0] == '\n' {
			p, e.cr = p[1:], false
			continue
		}
		e.cr = false
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			e.keep(p)
			return
		}
		e.keep(p[:i])
		e.cr = p[i] == '\r'
		p = p[i+1:]
		e.endLine(f)
	}
}

func (e *events) keep(p []byte) {
	if len(e.line)+len(p) > maxEvent {
		e.long = true
		return
	}
	e.line = append(e.line, p...)
}

func (e *events) endLine(f func([]byte)) {
	line := e.line
	e.line = e.line[:0]
	if len(line) == 0 {
		if e.some && !e.long {
			f(e.data)
		}
		e.data, e.some, e.long = e.data[:0], false, false
		if cap(e.data) > 64<<10 { // so that one long event does not stay for the stream's life
			e.data, e.line = nil, nil
		}
		return
	}
	rest, ok := bytes.CutPrefix(line, []byte("data:"))
	if !ok {
		return
	}
	rest = bytes.TrimPrefix(rest, []byte(" "))
	if len(e.data)+len(rest) > maxEvent {
		e.long = true
		return
	}
	if e.some {
		e.data = append(e.data, '\n')
	}
	e.data, e.some = append(e.data, rest...), true
}
