package weak_test

import (
	"testing"

	"oasis/internal/access/identity/weak"
)

func TestWeakPasswordsAreFound(t *testing.T) {
	t.Parallel()
	known := []string{"jdoe", "jane.doe@lab.example", "Jane", "Doering", "Laser Lab"}
	tests := map[string]weak.Reason{
		"password1234":               weak.Common,
		"P4$$w0rd2026!!":             weak.Common,
		"passwordpassword":           weak.Pattern + "|" + weak.Common,
		"sunshinedragon":             weak.Common,
		"Sunshine-Dragon7":           weak.Common,
		"administrator":              weak.Common,
		"123456789012":               weak.Pattern,
		"987654321098":               weak.Pattern,
		"abcdefghijkl":               weak.Pattern,
		"qwertyuiopasdf":             weak.Pattern,
		"aaaaaaaaaaaaaaa":            weak.Pattern,
		"abcabcabcabcabc":            weak.Pattern,
		"20260131-1234":              weak.Common,
		"my name is jane!":           weak.Personal,
		"DOERING is my name":         weak.Personal,
		"d0er1ng forever":            weak.Personal,
		"jdoe has this one":          weak.Personal,
		"in the laser lab":           weak.Personal,
		"jane.doe@lab.example":       weak.Personal,
		"correct horse battery":      "",
		"correcthorsebatterystaple":  "",
		"Tr0ub4dor&3 and more":       "",
		"example of a sentence":      "",
		"vK9#mQ2$xL7p":               "",
		"Wüste Palmen Wasser":        "",
		"8301 2946 1175 3028 (card)": "",
	}
	for password, want := range tests {
		got := weak.Check(password, known...)
		if got != want && want != weak.Pattern+"|"+weak.Common || want != "" && got == "" {
			t.Errorf("%q is %q, want %q", password, got, want)
		}
	}
}

func TestShortAndEmptyWordsAreNotHeldAgainstAnybody(t *testing.T) {
	t.Parallel()
	if got := weak.Check("correct horse battery", "", "or", "a@b.c", "E. F."); got != "" {
		t.Errorf("got %q", got)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("correct horse battery", "jane@lab.example")
	f.Add("\xff\xfe", "\xff")
	f.Add("ééééééééééééé", "é")
	f.Fuzz(func(_ *testing.T, password, known string) { weak.Check(password, known) })
}

func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		weak.Check("correct horse battery staple", "jane@lab.example", "Jane", "Doe")
	}
}
