// Package standin is a model server that knows no model: it speaks OpenAI's
// Responses, Chat Completions and Completions, Anthropic's Messages and Google's
// Gemini, streamed and not, and says what a script tells it to. It can also
// fail in the ways in which real servers do.
//
// It is for tests of gateways, model clients and agents. What it leaves out are
// the providers' checks of requests: it takes what it can read.
package standin

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Turn is one answer of the script.
type Turn struct {
	Text      string
	Reasoning string
	Calls     []Call
	Finish    Finish // zero: Stop, or ToolCalls where there are Calls
	Usage     Usage  // zero: made up from the lengths
	NoUsage   bool
	Model     string // what the server calls itself; "": as asked for
	Piece     int    // bytes of text in an event of a stream; 0: 8

	Status     int           // an error in place of an answer
	Code       string        // of the error
	Message    string        // of the error
	RetryAfter string        // header
	Fault      Fault         // how the answer goes wrong
	Delay      time.Duration // before the answer, and between events where Fault is Slow
}

// Call is a tool call.
type Call struct {
	ID   string // "": made up
	Name string
	Args string // JSON of an object
}

// Usage is what the server says was used. Input includes Cached, and Output
// includes Reasoning.
type Usage struct{ Input, Cached, Output, Reasoning int64 }

// Finish is why an answer ended.
type Finish int

// The ends.
const (
	Stop Finish = iota
	ToolCalls
	Length
	Refusal
	Filter
)

// Fault is a way to go wrong.
type Fault int

// The faults.
const (
	NoFault    Fault = iota
	Reset            // the connection is cut before an answer
	Stall            // nothing comes until the client goes away
	BrokenJSON       // the answer, or an event of it, is no JSON
	Half             // the answer is cut in the middle
	HalfClean        // a stream ends in the middle as if it were its end
	StallHalf        // a stream stands still in the middle
	Endless          // a stream does not end
	Slow             // Delay between events
)

// Request is what the server was asked.
type Request struct {
	Protocol string // responses, chat, completions, messages, gemini; count for questions about tokens
	Model    string
	Stream   bool
	Turns    int      // turns of the assistant in the conversation so far
	Tools    []string // names
	Last     string   // text of the last message that is not the assistant's
	Header   http.Header
	Path     string
	Body     []byte
}

// Script says what to answer. It is called by many goroutines at once.
type Script func(r Request) Turn

// Steps answers with the turn whose number is that of the assistant's turns in
// the conversation; the last one again where there is no more. It keeps no
// state, so many conversations can run at once. A request without tools, where
// the first turn has tool calls, is a side question (a title, say) and gets a
// word.
func Steps(turns ...Turn) Script {
	return func(r Request) Turn {
		if len(r.Tools) == 0 && len(turns[0].Calls) > 0 {
			return Turn{Text: "Title"}
		}
		return turns[min(r.Turns, len(turns)-1)]
	}
}

// Server is a stand-in server. It is an http.Handler, for tests that have a
// listener of their own.
type Server struct {
	URL string // http://127.0.0.1:PORT, where Start made it

	script Script
	server *http.Server
	mu     sync.Mutex
	asked  []Request
	keep   bool
}

// New makes a server that follows the script and listens nowhere.
func New(s Script) *Server { return &Server{script: s, keep: true} }

// Start makes a server on a free port of this machine. The caller closes it.
func Start(s Script) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	srv := New(s)
	srv.URL = "http://" + l.Addr().String()
	srv.server = &http.Server{Handler: srv, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.server.Serve(l) }()
	return srv, nil
}

// Forget makes the server keep no requests, for long tests.
func (s *Server) Forget() { s.keep = false }

// Close ends the server that Start made, and its connections.
func (s *Server) Close() error {
	if s.server == nil {
		return nil
	}
	return s.server.Close()
}

// Requests are the requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.asked...)
}

// ServeHTTP answers.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"object":"list","data":[{"id":"stand-in","object":"model","created":0,"owned_by":"metr"}]}`)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q := Request{Header: r.Header.Clone(), Path: r.URL.RequestURI(), Body: body}
	if !q.read(r.URL.Path) {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	if s.keep {
		s.asked = append(s.asked, q)
	}
	s.mu.Unlock()
	if q.Protocol == "count" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"input_tokens":17,"totalTokens":17}`)
		return
	}
	t := s.script(q)
	if t.Model == "" {
		t.Model = q.Model
	}
	if t.Finish == Stop && len(t.Calls) > 0 {
		t.Finish = ToolCalls
	}
	if t.Usage == (Usage{}) {
		t.Usage = Usage{Input: int64(len(body)/4 + 1), Output: int64(len(t.Text)/4 + 8*len(t.Calls) + 1)}
	}
	if t.Fault != Slow && t.Delay > 0 {
		select {
		case <-time.After(t.Delay):
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case t.Fault == Reset:
		panic(http.ErrAbortHandler)
	case t.Fault == Stall:
		<-r.Context().Done()
		return
	case t.Status != 0:
		if t.RetryAfter != "" {
			w.Header().Set("Retry-After", t.RetryAfter)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(t.Status)
		_, _ = w.Write(errorBody(q.Protocol, t))
		return
	}
	a := answer{request: q, turn: t}
	if !q.Stream {
		w.Header().Set("Content-Type", "application/json")
		b := mustJSON(a.whole())
		switch t.Fault {
		case BrokenJSON:
			b = b[:len(b)/2]
		case Half:
			w.Header().Set("Content-Length", "1000000")
			_, _ = w.Write(b[:len(b)/2])
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(b)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	(&stream{w: w, flush: http.NewResponseController(w), done: r.Context().Done(), turn: t}).send(a)
}

func errorBody(protocol string, t Turn) []byte {
	switch protocol {
	case "messages":
		return mustJSON(o{"type": "error", "error": o{"type": t.Code, "message": t.Message}})
	case "gemini":
		return mustJSON(o{"error": o{"code": t.Status, "message": t.Message, "status": t.Code}})
	}
	return mustJSON(o{"error": o{"message": t.Message, "type": t.Code, "code": t.Code, "param": nil}})
}

// o is a JSON object.
type o = map[string]any

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // of what this package made itself
	}
	return b
}

// pieces cuts text into pieces of n bytes.
func pieces(text string, n int) []string {
	if n <= 0 {
		n = 8
	}
	var out []string
	for len(text) > n {
		cut := n
		for cut < len(text) && text[cut]&0xc0 == 0x80 { // not within a character
			cut++
		}
		out, text = append(out, text[:cut]), text[cut:]
	}
	return append(out, text)
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
