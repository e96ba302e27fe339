package cli

import (
	"metr/internal/model"
	"metr/internal/sandbox"
	"metr/internal/task"
)

// qwen is Alibaba's agent. Its output is in the form of claude's.
func qwen() program {
	return program{
		name: "qwen", protocol: model.Chat, lock: locked("qwen"), node: true, scratch: []string{".qwen"},
		files: func(place) task.Tree {
			return task.Tree{".qwen/settings.json": file(`{"general":{"disableAutoUpdate":true,"disableUpdateNag":true,"enableAutoUpdate":false},"privacy":{"usageStatisticsEnabled":false},"telemetry":{"enabled":false}}` + "\n")}
		},
		command: func(p place) sandbox.Cmd {
			return sandbox.Cmd{
				Args:  []string{p.Node, bin("@qwen-code/qwen-code", "cli.js"), "--yolo", "--auth-type", "openai", "--output-format", "stream-json"},
				Env:   []string{"OPENAI_BASE_URL=" + p.URL + "/v1", "OPENAI_API_KEY=" + p.Token, "OPENAI_MODEL=" + p.Model, "QWEN_CODE_NO_RELAUNCH=true"},
				Stdin: p.ask(),
			}
		},
		reader: func() reader { return &claudeReader{} },
	}
}
