package tus

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"oasis/test/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// tuspy is the client for Python of the makers of the protocol.
const tuspy = "tuspy==1.1.0"

// TestStockPythonClientGoesOnAfterAKill sends a file in pieces, stops, ends the
// server as a power cut would, and goes on.
func TestStockPythonClientGoesOnAfterAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a server: run make test")
	}
	t.Parallel()
	python := servers.Python(t, tuspy)
	o := servers.NewOasis(t, servers.Binary(t))
	o.Start()
	c := o.Admin("ada")
	ctx := context.WithoutCancel(t.Context())
	made, err := c.Do(ctx, http.MethodPost, "/uploads", nil)
	if err != nil || made.Status != http.StatusOK {
		t.Fatalf("%v %d %s", err, made.Status, made.Body)
	}
	var upload struct {
		ID string `json:"upload_id"`
	}
	if err := json.Unmarshal(made.Body, &upload); err != nil {
		t.Fatal(err)
	}

	const size, chunk = 24<<20 + 17, "2097152"
	content := make([]byte, size)
	seed := [32]byte{1}
	if _, err := rand.NewChaCha8(seed).Read(content); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file, state := filepath.Join(dir, "film.raw"), filepath.Join(dir, "state")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	send := func(more ...string) string {
		t.Helper()
		args := append([]string{"testdata/send.py", c.API + "/uploads/" + upload.ID + "/tus", c.Token, file, state, chunk}, more...)
		out, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if out := send("5"); !strings.Contains(out, "begins at 0\nends at 10485760") {
		t.Fatal(out)
	}
	o.Kill()
	o.Start()
	if out := send("2"); !strings.Contains(out, "begins at 10485760\nends at 14680064") {
		t.Fatal(out)
	}
	o.Stop()
	o.Start()
	if out := send(); !strings.Contains(out, "begins at 14680064\nends at 25165841") {
		t.Fatal(out)
	}
	o.Kill()
	o.Start()
	got, err := c.Do(ctx, http.MethodGet, "/uploads/"+upload.ID+"/raw/runs/film.raw", nil)
	if err != nil || got.Status != http.StatusOK {
		t.Fatalf("%v %d %.300s", err, got.Status, got.Body)
	}
	if want := sha256.Sum256(content); sha256.Sum256(got.Body) != want || !bytes.Equal(got.Body, content) {
		t.Errorf("%d other bytes came back", len(got.Body))
	}
}
