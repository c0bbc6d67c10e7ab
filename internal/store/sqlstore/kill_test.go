package sqlstore_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/store/sqlstore"
	"oasis/test/long"
)

// killedPath tells a copy of the test binary to be the process that is killed.
const killedPath = "OASIS_TEST_KILLED_DATABASE"

// TestCommittedSurvivesKill kills a process that writes from many goroutines and
// looks for everything it has said to be committed, whole.
func TestCommittedSurvivesKill(t *testing.T) {
	if path := os.Getenv(killedPath); path != "" {
		writeUntilKilled(t, path)
		return
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "oasis.db")
	for round := range long.Pick(6, 300) {
		said := kill(t, path, 1+rand.IntN(150))
		db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: path})
		if err != nil {
			t.Fatalf("open after kill %d: %v", round, err)
		}
		for _, id := range said {
			if err := whole(t.Context(), db, id); err != nil {
				t.Errorf("round %d: upload %s was committed: %v", round, id, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
}

// kill runs the writing process until it has said n ids, kills it, and gives all it has said.
func kill(t *testing.T, path string, n int) (said []string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "-test.run=^TestCommittedSurvivesKill$")
	cmd.Env = append(os.Environ(), killedPath+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, isID := strings.CutPrefix(lines.Text(), "committed ")
		if !isID {
			t.Fatalf("the process says %q", lines.Text())
		}
		said = append(said, id)
		if len(said) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(said) < n {
		t.Fatalf("the process ended by itself after %d commits: %v", len(said), err)
	}
	return said
}

func writeUntilKilled(t *testing.T, path string) {
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	for range 8 {
		go func() {
			for {
				id := upload.NewID()
				err := db.Uploads().InTx(t.Context(), func(tx upload.Tx) error { return writeWhole(t.Context(), tx, id) })
				if err != nil {
					fmt.Fprintln(os.Stderr, "write:", err)
					return
				}
				lines <- "committed " + id + "\n"
			}
		}()
	}
	for line := range lines {
		if _, err := os.Stdout.WriteString(line); err != nil {
			return
		}
	}
}

func writeWhole(ctx context.Context, tx upload.Tx, id string) error {
	if err := tx.InsertUpload(ctx, upload.Upload{ID: id, MainAuthor: "ann", CreateTime: time.Now()}); err != nil {
		return err
	}
	files := []upload.File{{Path: "a/b", Size: 2}, {Path: "a/c", Size: 3}}
	if err := tx.PutFiles(ctx, id, files); err != nil {
		return err
	}
	return tx.Enqueue(ctx, upload.JobProcess, id, upload.ProcessArgs{UploadID: id})
}

func whole(ctx context.Context, db *sqlstore.DB, id string) error {
	u, err := db.Uploads().Upload(ctx, id)
	if err != nil {
		return err
	}
	page, err := db.Uploads().Dir(ctx, id, "a", 0, 10)
	if err != nil {
		return err
	}
	if u.Files != 2 || u.Bytes != 5 || page.Size != 5 || len(page.Entries) != 2 {
		return fmt.Errorf("it is not whole: %+v, %+v", u, page)
	}
	return nil
}
