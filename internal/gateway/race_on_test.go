//go:build race

package gateway_test

// race says that the race detector is on, which makes stacks and heap larger.
const race = true
