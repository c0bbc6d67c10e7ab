package rawpath_test

import (
	"errors"
	"strings"
	"testing"

	"oasis/internal/data/upload/rawpath"
)

func TestCleanKeepsSafePathsAndRefusesTheRest(t *testing.T) {
	t.Parallel()
	deep := strings.TrimSuffix(strings.Repeat("d/", rawpath.MaxDepth), "/")
	name := strings.Repeat("n", rawpath.MaxName)
	long := strings.Repeat(strings.Repeat("n", 127)+"/", 8)
	tests := []struct {
		path, want string
		err        error
	}{
		{"", "", nil},
		{".", "", nil},
		{"./", "", nil},
		{"a", "a", nil},
		{"a/", "a", nil},
		{"a/b.txt", "a/b.txt", nil},
		{"a/./b", "a/b", nil},
		{"a/../b", "b", nil},
		{"a/..", "", nil},
		{"a/b/../../c", "c", nil},
		{"...", "...", nil},
		{"..a/b..", "..a/b..", nil},
		{`C:\x`, `C:\x`, nil},
		{"new\nline\x7f", "new\nline\x7f", nil},
		{"cafe\u0301", "cafe\u0301", nil}, // byte-exact, not composed
		{deep, deep, nil},
		{name, name, nil},
		{long[:1023] + "/", long[:1023], nil},
		{"/", "", rawpath.ErrAbsolute},
		{"/a", "", rawpath.ErrAbsolute},
		{"..", "", rawpath.ErrAbove},
		{"../a", "", rawpath.ErrAbove},
		{"a/../../b", "", rawpath.ErrAbove},
		{"a//b", "", rawpath.ErrEmptyDir},
		{"a//", "", rawpath.ErrEmptyDir},
		{"a\x00b", "", rawpath.ErrNUL},
		{"a\xffb", "", rawpath.ErrEncoding},
		{deep + "/d", "", rawpath.ErrLimit},
		{name + "n", "", rawpath.ErrLimit},
		{long + "n", "", rawpath.ErrLimit},
	}
	for _, test := range tests {
		got, err := rawpath.Clean(test.path)
		if got != test.want || !errors.Is(err, test.err) {
			t.Errorf("Clean(%q) = %q, %v; want %q, %v", test.path, got, err, test.want, test.err)
		}
	}
}

func TestNameRefusesWhatIsNotOneFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "a b.txt", ".hidden", "...", `a\b`, "*?", "日本"} {
		if err := rawpath.Name(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", ".", "..", "a/b", "/", "a\x00", "\xff", strings.Repeat("n", 256)} {
		if err := rawpath.Name(name); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
}

func TestClashKeyJoinsWhatOtherMachinesJoin(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{
		{"Data.CSV", "data.csv"}, {"caf\u00e9", "cafe\u0301"}, {"CAFE\u0301", "caf\u00e9"}, {"Straße", "STRASSE"}, {"Σ", "ς"}, {"\u212b", "å"},
	} {
		if rawpath.ClashKey(same[0]) != rawpath.ClashKey(same[1]) {
			t.Errorf("%q and %q are told apart", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"a", "b"}, {"a/b", "a_b"}, {"é", "e"}, {"ı", "l"}} {
		if rawpath.ClashKey(other[0]) == rawpath.ClashKey(other[1]) {
			t.Errorf("%q and %q are taken for one", other[0], other[1])
		}
	}
}

// FuzzClean wants a canonical path: cleaning it again changes nothing, it cannot
// leave, and no name in it differs from one that was sent.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", ".", "a/b", "../a", "a/../b/", "/x", "a//b", "a\x00", "\xff", "é/E\u0301", "a/./././b", "a/../../c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		clean, err := rawpath.Clean(path)
		if err != nil {
			return
		}
		if again, err := rawpath.Clean(clean); err != nil || again != clean {
			t.Errorf("%q is cleaned to %q and then to %q, %v", path, clean, again, err)
		}
		sent := map[string]bool{}
		for segment := range strings.SplitSeq(path, "/") {
			sent[segment] = true
		}
		for segment := range strings.SplitSeq(clean, "/") {
			if clean != "" && (segment == "" || segment == "." || segment == ".." || !sent[segment]) {
				t.Errorf("%q is cleaned to %q", path, clean)
			}
		}
		key := rawpath.ClashKey(clean)
		if again := rawpath.ClashKey(key); again != key {
			t.Errorf("the key of %q is %q, and that of the key %q", clean, key, again)
		}
	})
}

// Names that are a path, or look like another name, on the machine of whoever
// downloads them are refused for new files and changed in zips of old ones.
func TestNewNamesAreNobodysPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		err      error
		harmless string
	}{
		`..\..\evil.exe`:           {rawpath.ErrBackslash, ".._.._evil.exe"},
		`a/b\c`:                    {rawpath.ErrBackslash, "a/b_c"},
		`\\server\share`:           {rawpath.ErrBackslash, "__server_share"},
		"C:evil.exe":               {rawpath.ErrDrive, "C_evil.exe"},
		"a/c:/evil":                {rawpath.ErrDrive, "a/c_/evil"},
		"a\r\nX-Evil: 1":           {rawpath.ErrControl, "a__X-Evil: 1"},
		"bell\x07":                 {rawpath.ErrControl, "bell_"},
		"c1\u0085":                 {rawpath.ErrControl, "c1_"},
		"ann\u202etxt.exe":         {rawpath.ErrControl, "ann_txt.exe"},
		"ann\u2067txt.exe":         {rawpath.ErrControl, "ann_txt.exe"},
		"line\u2028":               {rawpath.ErrControl, "line_"},
		"":                         {nil, ""},
		"plain/name.txt":           {nil, "plain/name.txt"},
		"12:30 run.dat":            {nil, "12:30 run.dat"},
		"Grüße/日本語/\u0623 e\u0301": {nil, "Grüße/日本語/\u0623 e\u0301"},
		" .hidden~$%&*?\"<>|":      {nil, " .hidden~$%&*?\"<>|"},
	} {
		if err := rawpath.New(path); !errors.Is(err, want.err) || (err == nil) != (want.err == nil) {
			t.Errorf("%q: %v, want %v", path, err, want.err)
		}
		got := rawpath.Harmless(path)
		if got != want.harmless || rawpath.New(got) != nil {
			t.Errorf("%q became %q, want %q", path, got, want.harmless)
		}
	}
}
