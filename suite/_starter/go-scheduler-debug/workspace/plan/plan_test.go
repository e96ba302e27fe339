package plan

import (
	"errors"
	"testing"

	"example.com/rota/job"
)

func TestOrder(t *testing.T) {
	a, b, c := job.New("a"), job.New("b"), job.New("c")
	a.Need("c")
	b.Priority = 2
	b.Set("X", "1")
	got, err := Order([]*job.Job{a, b, c})
	if err != nil {
		t.Fatal(err)
	}
	if text := Print(got); text != "b X=1\nc\na after c\n" {
		t.Errorf("got %q", text)
	}
}

func TestOrderErrors(t *testing.T) {
	a, b := job.New("a"), job.New("b")
	a.Need("b")
	b.Need("a")
	if _, err := Order([]*job.Job{a, b}); !errors.Is(err, ErrCycle) {
		t.Errorf("err = %v, want ErrCycle", err)
	}
	if _, err := Order([]*job.Job{a}); !errors.Is(err, ErrUnknown) {
		t.Errorf("err = %v, want ErrUnknown", err)
	}
}
