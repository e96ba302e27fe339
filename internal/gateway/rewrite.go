package gateway

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"metr/internal/model"
)

// rewrite puts in the provider's name of the model and takes out what costs or
// runs beyond it.
func (c *Call) rewrite(root fields, ct *control) error {
	var err error
	set := func(path string, v any) {
		if err == nil {
			c.Body, err = sjson.SetBytes(c.Body, path, v)
		}
	}
	if own := c.Attempt.spec.Model.Model; c.Protocol != model.Gemini && root.Get("model").String() != own {
		set("model", own)
	}
	for _, k := range costly {
		if root.Get(k).Exists() && err == nil {
			c.Body, err = sjson.DeleteBytes(c.Body, k)
		}
	}
	if kept, dropped := tools(root.Get("tools"), c.Protocol); len(dropped) > 0 {
		c.note(Stripped, "tools that run at the provider: "+strings.Join(dropped, ", "))
		if err == nil {
			if len(kept) == 0 {
				c.Body, err = sjson.DeleteBytes(c.Body, "tools")
			} else {
				c.Body, err = sjson.SetRawBytes(c.Body, "tools", []byte("["+strings.Join(kept, ",")+"]"))
			}
		}
	}
	if ct.stream && (c.Protocol == model.Chat || c.Protocol == model.Completions) && !root.Get("stream_options.include_usage").Bool() {
		set("stream_options.include_usage", true)
		ct.dropUse = true
	}
	return err
}

// tools tells tools that the agent runs from those that the provider would.
func tools(list gjson.Result, p model.Protocol) (kept, dropped []string) {
	for _, t := range list.Array() {
		ok := true
		name := t.Get("type").String()
		switch p {
		case model.Chat:
			ok = name == "function" || name == "custom"
		case model.Responses:
			ok = slices.Contains([]string{"function", "custom", "local_shell", "apply_patch"}, name)
		case model.Messages:
			ok = name == "" || name == "custom" || strings.HasPrefix(name, "bash_") || strings.HasPrefix(name, "text_editor_") || strings.HasPrefix(name, "memory_")
		case model.Gemini:
			t.ForEach(func(k, _ gjson.Result) bool {
				if s := k.String(); s != "functionDeclarations" && s != "function_declarations" {
					ok, name = false, s
				}
				return ok
			})
		}
		if ok {
			kept = append(kept, t.Raw)
		} else if len(name) < 64 {
			dropped = append(dropped, name)
		} else {
			dropped = append(dropped, "?")
		}
	}
	return kept, dropped
}
