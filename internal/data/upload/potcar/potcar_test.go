package potcar_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"oasis/internal/data/upload/potcar"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, licensed := range map[string]bool{
		"POTCAR": true, "a/b/POTCAR": true, "POTCAR.gz": true, "POTCAR_Ti": true, "POTCAR.stripped.stripped": true,
		"POTCAR.stripped": false, "a/POTCAR.stripped": false, "POTCAR_Ti.stripped": false,
		"potcar": false, "xPOTCAR": false, "POTCAR/x": false, "": false,
	} {
		if got := potcar.Licensed(name); got != licensed {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// Two potentials as such files have them; the numbers are what must not be shared.
const two = `  PAW_PBE Ti 08Apr2002
  4.00000000000000000
 parameters from PSCTR are:
   TITEL  = PAW_PBE Ti 08Apr2002
 END of PSCTR-controll parameters
 local part
  0.123 SECRET
 End of Dataset
  PAW_PBE O 08Apr2002
   TITEL  = PAW_PBE O 08Apr2002
 END of PSCTR-controll parameters
  0.456 SECRET
 End of Dataset
`

const stays = `  PAW_PBE Ti 08Apr2002
  4.00000000000000000
 parameters from PSCTR are:
   TITEL  = PAW_PBE Ti 08Apr2002
 END of PSCTR-controll parameters
 End of Dataset
  PAW_PBE O 08Apr2002
   TITEL  = PAW_PBE O 08Apr2002
 END of PSCTR-controll parameters
 End of Dataset
`

func strip(t *testing.T, text string) string {
	t.Helper()
	r, err := potcar.Strip(t.Context(), strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestStripLeavesDescriptionsBelowTheChecksum(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200_000)
	for name, tt := range map[string]struct{ text, left string }{
		"two potentials":         {two, stays},
		"cut in the tables":      {two[:strings.Index(two, "SECRET")+6], stays[:strings.Index(stays, " End of Dataset")]},
		"no line end at the end": {strings.TrimSuffix(two, "\n"), strings.TrimSuffix(stays, "\n")},
		"empty":                  {"", ""},
		"something else":         {"SECRET\nSECRET\n", ""},
		"no text":                {long + "\nSECRET", ""},
		"a long line in tables":  {" END of PSCTR\n" + long + "\n SECRET\n End of Dataset\n", " END of PSCTR\n End of Dataset\n"},
		"a description for ever": {strings.Repeat("SECRET\n", 20_000) + " END of PSCTR\n", ""},
		"Windows line ends":      {strings.ReplaceAll(two, "\n", "\r\n"), strings.ReplaceAll(stays, "\n", "\r\n")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, left, _ := strings.Cut(strip(t, tt.text), "\n")
			if sum := fmt.Sprintf("%x", sha256.Sum224([]byte(tt.text))); !strings.HasSuffix(first, sum) {
				t.Errorf("the first line is %q, want the checksum %s", first, sum)
			}
			if left != tt.left {
				t.Errorf("left is\n%s\nwant\n%s", left, tt.left)
			}
		})
	}
}

func TestStripEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := potcar.Strip(ctx, strings.NewReader(two)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// FuzzStrip looks for files of which a table gets through: what is left must end
// before the tables of each potential.
func FuzzStrip(f *testing.F) {
	f.Add([]byte(two))
	f.Add([]byte("END of PSCTR\nEnd of Dataset END of PSCTR\nx"))
	f.Add([]byte{0, '\n', 0xff})
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := potcar.Strip(t.Context(), bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		out, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, left, _ := bytes.Cut(out, []byte("\n"))
		inTables := false
		for line := range bytes.Lines(left) {
			ends := bytes.Contains(line, []byte("End of Dataset"))
			if inTables && !ends {
				t.Fatalf("a line of a table is left: %q", line)
			}
			if inTables = !ends && bytes.Contains(line, []byte("END of PSCTR")); ends {
				inTables = false
			}
		}
		if n := bytes.Count(left, []byte("\n")); n > bytes.Count(text, []byte("\n")) {
			t.Fatalf("%d lines are left of fewer", n)
		}
	})
}
