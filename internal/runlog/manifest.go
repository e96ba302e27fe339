package runlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"metr/internal/task"
)

// Schema is the version of the log's format that this package writes, and the
// newest that it reads.
const Schema = 1

// Manifest is the resolved plan of a run: what its score depends on.
type Manifest struct {
	Schema     int               `json:"schema"` // filled in by Create
	Metr       string            `json:"metr"`   // version of the program
	Created    time.Time         `json:"created"`
	Suites     []Suite           `json:"suites"`
	Agents     []string          `json:"agents"`
	Model      string            `json:"model,omitempty"`
	Epochs     int               `json:"epochs"`
	Seed       int64             `json:"seed"`
	Shard      string            `json:"shard,omitempty"` // i/n
	Sandbox    Sandbox           `json:"sandbox"`
	Limits     Limits            `json:"limits"`
	Config     json.RawMessage   `json:"config,omitempty"` // resolved configuration, any JSON
	Platform   Platform          `json:"platform"`
	Toolchains map[string]string `json:"toolchains,omitempty"` // python -> 3.13.5
}

// Suite is what a manifest keeps of a suite.
type Suite struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
	Tasks  []Task `json:"tasks"`
}

// Task is what a manifest keeps of a task.
type Task struct {
	ID      string `json:"id"`
	Version int    `json:"version,omitempty"`
}

// SuiteOf is s as a manifest keeps it.
func SuiteOf(s *task.Suite) Suite {
	out := Suite{Name: s.Name, Digest: s.Digest, Tasks: make([]Task, 0, len(s.Tasks))}
	for _, t := range s.Tasks {
		out.Tasks = append(out.Tasks, Task{ID: t.ID, Version: t.Version})
	}
	return out
}

// Sandbox says what held the programs under test. Weakened marks a run whose
// isolation was switched off by name (--sandbox none).
type Sandbox struct {
	Backend  string `json:"backend"`
	Weakened bool   `json:"weakened,omitempty"`
	Detail   string `json:"detail,omitempty"` // runtime and image, and why auto chose it
	CPUs     int    `json:"cpus,omitempty"`   // processors that a box sees
	Env      string `json:"env,omitempty"`    // every command's environment: locale, time zone, hash seed
}

// Limits are task.Limits in the log's units. Zero means the sandbox's default.
type Limits struct {
	CPUS     float64 `json:"cpu_s,omitempty"`
	WallS    float64 `json:"wall_s,omitempty"`
	Memory   int64   `json:"memory_bytes,omitempty"`
	Disk     int64   `json:"disk_bytes,omitempty"`
	Procs    int     `json:"procs,omitempty"`
	Output   int64   `json:"output_bytes,omitempty"`
	FileSize int64   `json:"file_bytes,omitempty"`
}

// LimitsOf is l in the log's units.
func LimitsOf(l task.Limits) Limits {
	return Limits{l.CPU.Seconds(), l.Wall.Seconds(), l.Memory, l.Disk, l.Procs, l.Output, l.FileSize}
}

// Platform is the machine that a run was started on.
type Platform struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel,omitempty"`
	CPU    string `json:"cpu,omitempty"`
	CPUs   int    `json:"cpus,omitempty"`
}

const (
	manifestKey    = "manifest.json"
	manifestPrefix = `{"sum":"`
	manifestMiddle = `","manifest":`
)

// encodeManifest writes m between a checksum and a closing brace, so that the
// file is JSON and still every byte of it is accounted for.
func encodeManifest(m Manifest) ([]byte, error) {
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("run log manifest: %w", err)
	}
	return []byte(manifestPrefix + sum(body) + manifestMiddle + string(body) + "}\n"), nil
}

// decodeManifest is the reverse of encodeManifest. The schema is looked at as
// early as it can be trusted, so that a newer log is named as such and not
// called damaged.
func decodeManifest(place string, data []byte) (Manifest, error) {
	var m Manifest
	body, ok := enclosed(data, manifestPrefix, manifestMiddle)
	if !ok {
		var probe struct {
			Manifest struct{ Schema int }
		}
		if json.Unmarshal(data, &probe) == nil && probe.Manifest.Schema > Schema && !bytes.HasPrefix(data, []byte(manifestPrefix)) {
			return m, &NewerError{place, probe.Manifest.Schema}
		}
		return m, &CorruptError{Place: place, Object: manifestKey, Why: "the content does not match its checksum"}
	}
	var probe struct{ Schema int }
	if err := json.Unmarshal(body, &probe); err != nil {
		return m, &CorruptError{Place: place, Object: manifestKey, Why: err.Error()}
	}
	if probe.Schema > Schema {
		return m, &NewerError{place, probe.Schema}
	}
	if err := strict(body, &m); err != nil {
		return m, &CorruptError{Place: place, Object: manifestKey, Why: err.Error()}
	}
	if m.Schema < 1 {
		return m, &CorruptError{Place: place, Object: manifestKey, Why: fmt.Sprintf("schema is %d, expected 1 to %d", m.Schema, Schema)}
	}
	if m.Config != nil {
		var b bytes.Buffer
		if err := json.Compact(&b, m.Config); err != nil {
			return m, fmt.Errorf("run log %s: manifest.json: config: %w", place, err)
		}
		m.Config = b.Bytes()
	}
	return m, nil
}
