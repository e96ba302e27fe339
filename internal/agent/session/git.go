package session

import (
	"context"
	"fmt"

	"metr/internal/sandbox"
	"metr/internal/task"
)

// gitConfig is of the box's user: an agent that commits is not stopped by a
// question for a name.
const gitConfig = `[user]
	name = metr
	email = metr@localhost
[init]
	defaultBranch = main
[commit]
	gpgsign = false
[gc]
	auto = 0
[advice]
	detachedHead = false
`

// commit is fixed in time, so that every attempt starts from the same commit.
const commit = `command -v git >/dev/null || exit 127
git init -q . && git add -A -f . && git commit -q --allow-empty --no-verify -m "Start" </dev/null`

// repository makes the workspace a git repository of one commit, without
// remotes and without history. A box without git keeps plain files.
func (s *Session) repository(ctx context.Context) error {
	if _, own := s.cfg.Files[".gitconfig"]; !own {
		if err := s.box.Put(ctx, sandbox.Home, task.Tree{".gitconfig": {Mode: 0o644, Data: []byte(gitConfig)}}); err != nil {
			return err
		}
	}
	const date = "2026-01-01T00:00:00Z"
	r, err := s.Run(ctx, sandbox.Cmd{
		Args: []string{"sh", "-c", commit}, Env: []string{"GIT_AUTHOR_DATE=" + date, "GIT_COMMITTER_DATE=" + date},
	})
	switch {
	case err != nil:
		return err
	case r.End == sandbox.Exited && r.Code == 127:
		return nil
	case !r.OK():
		return fmt.Errorf("make the workspace a git repository: %v: %s", r, r.Stderr)
	}
	s.git = true
	return nil
}
