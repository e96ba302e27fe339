package report

import (
	"fmt"
	"math"
	"strings"

	"metr/internal/stats"
)

const none = "–" // nothing was looked at

// percent rounds to whole per cent, and never to 0 or 100 what is not.
func percent(p float64) string {
	switch r := math.Round(100 * p); {
	case r == 0 && p > 0:
		return "<1 %"
	case r == 100 && p < 1:
		return ">99 %"
	default:
		return fmt.Sprintf("%.0f %%", r)
	}
}

// points is a difference of shares in percentage points.
func points(d float64) string {
	r := math.Round(100 * d)
	if r == 0 {
		return "0" // not -0 or +0
	}
	return fmt.Sprintf("%+.0f", r)
}

// within is an interval of shares, rounded outwards: what is printed holds what
// was computed.
func within(iv stats.Interval) string {
	return fmt.Sprintf("[%.0f, %.0f]", math.Floor(100*iv.Low+1e-9), math.Ceil(100*iv.High-1e-9))
}

func withinPoints(iv stats.Interval) string {
	return fmt.Sprintf("[%s, %s]", points(math.Floor(100*iv.Low+1e-9)/100), points(math.Ceil(100*iv.High-1e-9)/100))
}

// full is a share with everything: count, per cent, interval.
func full(s Share) string {
	if s.Interval == nil {
		return none
	}
	return fmt.Sprintf("%d of %d  %s %s", s.Passed, s.LookedAt, percent(s.Interval.Estimate), within(*s.Interval))
}

const barWidth = 24

// bar draws an interval between 0 and 1: the line is the interval, the dot the
// estimate.
func bar(iv *stats.Interval) string {
	if iv == nil {
		return ""
	}
	at := func(p float64) int { return min(barWidth-1, int(p*barWidth)) }
	lo, mid, hi := at(iv.Low), at(iv.Estimate), at(iv.High)
	var b strings.Builder
	for i := range barWidth {
		switch {
		case i == mid:
			b.WriteRune('●')
		case i >= lo && i <= hi:
			b.WriteRune('━')
		default:
			b.WriteRune('·')
		}
	}
	return b.String()
}

// cost is dollars, or what is known of them.
func cost(s Summary) string {
	switch {
	case s.CostUSD != nil:
		return fmt.Sprintf("$%.4g", *s.CostUSD)
	case s.CostUnknown == s.Attempts:
		return "unknown"
	}
	return fmt.Sprintf("at least $%.4g (unknown for %d of %d attempts)", s.CostKnown, s.CostUnknown, s.Attempts)
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// seconds is a duration for people.
func seconds(s float64) string {
	switch {
	case s < 100:
		return fmt.Sprintf("%.1f s", s)
	case s < 5400:
		return fmt.Sprintf("%.0f min %02.0f s", math.Floor(s/60), math.Floor(math.Mod(s, 60)))
	}
	return fmt.Sprintf("%.1f h", s/3600)
}
