// Command subject plays scripts of calls on the candidate's cache. It knows no
// expected answer: the judge does.
package main

import (
	"fmt"
	"strconv"
	"strings"

	"example.com/pagecache/lru"
	"example.com/pagecache/page"
)

func main() {
	serve(table{"Play": play, "PlayNil": playNil, "Pages": pages})
}

// play runs one operation after the other on a new cache and says what each
// returned. The operation "evicted" lists what the callback was told since the
// last time, each with the number of entries that the callback saw.
func play(capacity int, ops []string) []string {
	var c *lru.Cache
	var told []string
	c = lru.New(capacity, func(key, value string) {
		_, there := c.Peek(key)
		told = append(told, fmt.Sprintf("%s=%s there=%t", key, value, there))
	})
	out := make([]string, 0, len(ops))
	for _, op := range ops {
		if op == "evicted" {
			out = append(out, strings.Join(told, " "))
			told = nil
			continue
		}
		out = append(out, one(c, strings.Split(op, " ")))
	}
	return out
}

// playNil is play without a callback.
func playNil(capacity int, ops []string) []string {
	c := lru.New(capacity, nil)
	out := make([]string, 0, len(ops))
	for _, op := range ops {
		out = append(out, one(c, strings.Split(op, " ")))
	}
	return out
}

func one(c *lru.Cache, w []string) string {
	switch w[0] {
	case "get":
		v, ok := c.Get(w[1])
		return fmt.Sprint(v, " ", ok)
	case "peek":
		v, ok := c.Peek(w[1])
		return fmt.Sprint(v, " ", ok)
	case "put":
		return fmt.Sprint(c.Put(w[1], w[2]))
	case "remove":
		return fmt.Sprint(c.Remove(w[1]))
	case "resize":
		n, _ := strconv.Atoi(w[1])
		return fmt.Sprint(c.Resize(n))
	case "len":
		return fmt.Sprint(c.Len())
	case "keys":
		return strings.Join(c.Keys(), " ")
	}
	return "unknown operation " + w[0]
}

// pages asks a service with a cache for each name and returns which of them
// were rendered, in order.
func pages(capacity int, names []string) []string {
	rendered := []string{}
	s := page.NewService(func(n page.Name) (string, error) {
		rendered = append(rendered, n.String())
		return "body of " + n.Path, nil
	}, lru.New(capacity, nil))
	for _, n := range names {
		if _, err := s.Page(n); err != nil {
			rendered = append(rendered, err.Error())
		}
	}
	return rendered
}
