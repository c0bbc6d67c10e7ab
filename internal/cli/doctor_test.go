package cli

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oasis/internal/app"
)

// oasis runs a command on a data directory.
func oasis(t *testing.T, input string, args ...string) (status int, out string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = Main(t.Context(), args, []string{"HOME=" + t.TempDir()}, Streams{In: strings.NewReader(input), Out: &stdout, Err: &stderr})
	return status, stdout.String() + stderr.String()
}

func newHouse(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if status, out := oasis(t, "a long enough passphrase\n", "user", "add", "ada", "--email", "ada@lab.example", "--admin", "--password-stdin", "--data", data); status != 0 {
		t.Fatal(out)
	}
	if status, out := oasis(t, "", "demo", "--data", data); status != 0 {
		t.Fatal(out)
	}
	return data
}

func TestDoctorOfAHealthyServer(t *testing.T) {
	t.Parallel()
	data := newHouse(t)
	status, out := oasis(t, "", "doctor", "--verify", "--json", "--data", data)
	var said struct {
		State    app.FindingState
		Findings []app.Finding
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	checks := map[string]bool{}
	for _, f := range said.Findings {
		if f.State != app.FindingOK && f.Check != "disk" { // the disk of this machine may be nearly full
			t.Errorf("%+v", f)
		}
		checks[f.Check] = true
	}
	if status != 0 && said.State == app.FindingOK {
		t.Errorf("ends with %d: %s", status, out)
	}
	for _, check := range []string{"configuration", "data directory", "disk", "secret", "address", "database", "clock", "signing keys", "jobs", "uploads", "tokens", "mail", "identity provider", "files"} {
		if !checks[check] {
			t.Errorf("says nothing about the %s", check)
		}
	}
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	raw := func(t *testing.T, data string) string {
		found := ""
		err := filepath.WalkDir(filepath.Join(data, "files", "uploads"), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.Contains(path, "/raw/") {
				found = path
			}
			return err
		})
		if err != nil || found == "" {
			t.Fatal(found, err)
		}
		return found
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	config := func(text string) func(t *testing.T, data string) {
		return func(t *testing.T, data string) {
			must(t, os.WriteFile(filepath.Join(data, "nomad.yaml"), []byte(text), 0o600))
		}
	}
	tests := []struct {
		name  string
		spoil func(t *testing.T, data string)
		want  string
		state int
	}{
		{"an open folder", func(t *testing.T, data string) { must(t, os.Chmod(data, 0o755)) }, "PROBLEM data directory: Other people of this machine may look into", 2},
		{"an open secret", func(t *testing.T, data string) {
			must(t, os.Chmod(filepath.Join(data, "api_secret"), 0o644))
		}, "PROBLEM secret: Others may read", 2},
		{"a broken configuration", config("services: {api_port: none}\n"), "PROBLEM configuration: ", 2},
		{"no encryption", config("services: {public_url: 'http://data.example.org'}\n"), "WARNING address: http://data.example.org/nomad-oasis has no encryption", 1},
		{"no trusted proxy", config("services: {public_url: 'https://data.example.org'}\n"), "WARNING address: https://data.example.org/nomad-oasis means a proxy", 1},
		{"no mail server", config("mail: {enabled: true, host: 127.0.0.1, port: 9, tls: none, from_address: o@lab.example}\n"), "PROBLEM mail: mail server 127.0.0.1:9", 2},
		{"no identity provider", config("oidc: {issuer: 'http://127.0.0.1:9/realm', client_id: oasis}\n"), "PROBLEM identity provider: http://127.0.0.1:9/realm does not answer", 2},
		{"a changed file", func(t *testing.T, data string) { must(t, os.WriteFile(raw(t, data), []byte("other"), 0o600)) }, "is not what was stored: its SHA-256 differs", 2},
		{"a lost file", func(t *testing.T, data string) { must(t, os.Remove(raw(t, data))) }, "is missing on the disk", 2},
		{"a lost folder", func(t *testing.T, data string) { must(t, os.RemoveAll(data)) }, "does not exist", 2},
		{"a damaged database", func(t *testing.T, data string) {
			f, err := os.OpenFile(filepath.Join(data, "oasis.db"), os.O_RDWR, 0)
			must(t, err)
			defer f.Close()
			_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, 64<<10), 64<<10)
			must(t, err)
		}, "PROBLEM ", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data := newHouse(t)
			tt.spoil(t, data)
			status, out := oasis(t, "", "doctor", "--verify", "--data", data)
			if status != tt.state && status != 2 || !strings.Contains(out, tt.want) {
				t.Errorf("ends with %d, want %d and %q in\n%s", status, tt.state, tt.want, out)
			}
		})
	}
}
