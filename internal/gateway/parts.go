package gateway

import (
	"strings"

	"github.com/tidwall/gjson"

	"metr/internal/model"
)

// parts looks at what messages are made of: text, tool calls and images in the
// body itself. What is only named there, by address or id, has no size that
// could be known; documents may be far larger than their bytes.
func parts(root fields, p model.Protocol) (images int64, why string) {
	const twice = "a key occurs twice in a message"
	inline := map[string]bool{"image_url": true, "input_image": true, "image": true}
	text := map[string]bool{"text": true, "refusal": true, "input_text": true, "output_text": true, "summary_text": true, "reasoning_text": true,
		"thinking": true, "redacted_thinking": true, "tool_use": true, "tool_result": true, "tool_reference": true}
	var look func(list gjson.Result)
	var field func(m gjson.Result, name string)
	look = func(list gjson.Result) {
		if !list.IsArray() {
			return
		}
		list.ForEach(func(_, part gjson.Result) bool {
			t := part.Get("type").String()
			switch {
			case !part.IsObject():
			case doubled(part.Raw):
				why = twice
			case inline[t]:
				url := part.Get("image_url")
				if url.IsObject() {
					url = url.Get("url")
				}
				if !strings.HasPrefix(url.String(), "data:") && part.Get("source.type").String() != "base64" {
					why = "an image must be in the request itself"
				}
				images++
			case t != "" && !text[t]:
				why = "content of type " + strings.ToValidUTF8(t[:min(len(t), 40)], "?") + " is not passed on"
			case t == "tool_result":
				field(part, "content")
			}
			return why == ""
		})
	}
	// field looks at a field that is a list; a text, which may be long, is not
	// even unescaped.
	field = func(m gjson.Result, name string) {
		if m.Get(name + ".#").Exists() {
			look(m.Get(name))
		}
	}
	each := func(path string, f func(gjson.Result)) {
		if list := root.Get(path); list.IsArray() {
			list.ForEach(func(_, m gjson.Result) bool {
				if doubled(m.Raw) {
					why = twice
				} else {
					f(m)
				}
				return why == ""
			})
		}
	}
	switch p {
	case model.Chat, model.Messages:
		each("messages", func(m gjson.Result) { field(m, "content") })
		look(root.Get("system"))
	case model.Responses:
		each("input", func(m gjson.Result) {
			switch m.Get("type").String() {
			case "item_reference":
				why = "an item that is only named has no size that could be known"
			default:
				field(m, "content")
				field(m, "output")
			}
		})
	case model.Gemini:
		turn := func(m gjson.Result) {
			m.Get("parts").ForEach(func(_, part gjson.Result) bool {
				if doubled(part.Raw) {
					why = twice
				}
				part.ForEach(func(k, v gjson.Result) bool {
					switch k.String() {
					case "text", "thought", "thoughtSignature", "functionCall", "functionResponse", "partMetadata":
					case "inlineData":
						if !strings.HasPrefix(v.Get("mimeType").String(), "image/") {
							why = "of files in a request, images alone are passed on"
						}
						images++
					default:
						why = "a part of the request is of a kind that is not passed on"
					}
					return why == ""
				})
				return why == ""
			})
		}
		each("contents", turn)
		turn(root.Get("systemInstruction"))
	}
	return images, why
}
