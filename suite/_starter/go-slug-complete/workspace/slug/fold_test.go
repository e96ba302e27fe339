package slug

import "testing"

func TestFold(t *testing.T) {
	for r, want := range map[rune]string{'A': "a", 'z': "z", '7': "7", 'Ä': "ae", 'é': "e", 'ß': "ss", '-': "", ' ': "", '中': ""} {
		if got := fold(r); got != want {
			t.Errorf("fold(%q) = %q, want %q", r, got, want)
		}
	}
}

func TestSilent(t *testing.T) {
	for r, want := range map[rune]bool{'\'': true, '’': true, '\u0301': true, '\u00ad': true, '-': false, 'a': false} {
		if got := silent(r); got != want {
			t.Errorf("silent(%q) = %t, want %t", r, got, want)
		}
	}
}
