package gateway

import (
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

// fields are the fields of a request, found once: a body may be long.
type fields map[string]gjson.Result

// Get finds a field by its path with dots.
func (f fields) Get(path string) gjson.Result {
	first, rest, deeper := strings.Cut(path, ".")
	if v := f[first]; deeper {
		return v.Get(rest)
	}
	return f[first]
}

// spelling looks at the keys of an object: none twice, and none of those that
// the gateway reads in another spelling. It puts the fields into found, where
// that is not nil.
func spelling(o gjson.Result, camel bool, found fields) string {
	seen := map[string]bool{}
	why := ""
	o.ForEach(func(k, v gjson.Result) bool {
		key := k.String()
		if found != nil {
			found[key] = v
		}
		folded := fold(key)
		switch known, ok := read()[folded]; {
		case seen[folded]:
			why = "a key occurs twice"
		case ok && known != key && !(camel && key == "maxOutputTokens" || camel && key == "serviceTier"):
			why = "the key " + known + " is spelt in a way that parsers differ about"
		}
		seen[folded] = true
		return why == ""
	})
	return why
}

// fold makes one of all spellings that some parser takes for the same key.
func fold(key string) string {
	return strings.ReplaceAll(strings.ToLower(strings.ToUpper(key)), "_", "")
}

// read are the keys that the gateway reads, by their folded form.
var read = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	add := func(keys ...string) {
		for _, k := range keys {
			out[fold(k)] = k
		}
	}
	add("model", "stream", "stream_options", "include_usage", "max_tokens", "max_completion_tokens", "max_output_tokens", "n", "best_of",
		"messages", "input", "contents", "system", "systemInstruction", "tools", "generationConfig", "candidateCount", "thinkingConfig", "thinkingBudget",
		"reasoning", "effort", "thinking", "budget_tokens", "output_config")
	add(costly[:len(costly)-1]...)
	for _, keys := range reaching {
		add(keys...)
	}
	return out
})
