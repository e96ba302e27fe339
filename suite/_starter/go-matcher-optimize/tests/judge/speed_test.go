package judge

import "testing"

func TestTypicalSpeedSubscriptions(t *testing.T) {
	speed(t, "subscriptions", []int{4000})
}

func TestTypicalSpeedWholesale(t *testing.T) {
	speed(t, "wholesale", []int{8000})
}

func speed(t *testing.T, kind string, sizes []int) {
	subject(t)
	measure(t, kind, sizes,
		func(s *S, n int) []any { return []any{s.Call("Input", kind, n).Handle()} },
		func(s *S, args []any) { s.Call("Work", args...).OK() })
}
