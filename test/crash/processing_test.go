package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"oasis/test/long"
	"oasis/test/servers"
)

func TestKillDuringProcessingMakesEachEntryOnce(t *testing.T) {
	t.Parallel()
	rng := rand.New(choices(t))
	const entries = 500
	for range long.Pick(2, 50) {
		server := servers.NewOasis(t, servers.Binary(t), quiet)
		find := &finding{server.Admin("ada"), filepath.Join(server.Data, "files")}
		files := make([]file, entries)
		for i := range files {
			files[i] = archive(fmt.Sprintf("run %d/%d.archive.json", i%7, i), fmt.Sprintf("sample %d", i))
		}
		body, added, err := pack("", files)
		if err != nil {
			t.Fatal(err)
		}
		server.Start()
		answer, err := find.client.Do(t.Context(), http.MethodPost, "/uploads?file_name=all.zip", bytes.NewReader(body))
		if err != nil || answer.Status != http.StatusOK {
			t.Fatalf("POST /uploads: %d, %v: %s", answer.Status, err, answer.Body)
		}
		var made struct {
			ID string `json:"upload_id"`
		}
		if err := json.Unmarshal(answer.Body, &made); err != nil {
			t.Fatal(err)
		}
		// Longer and longer lives: the first end before anything was stored, the last see it done.
		kills := 0
		for ; kills < 12; kills++ {
			<-time.After(between(rng, 0, time.Duration(20+30*kills)*time.Millisecond))
			server.Kill()
			server.Launch()
			if kills%2 == 1 {
				server.AwaitReady()
			}
		}
		server.AwaitReady()
		awaitIdle(t, find)
		want := expected(made.ID, added)
		listedEntries, err := find.processed(t.Context(), made.ID)
		if err != nil {
			t.Error(err)
		}
		if diff := sameEntries(listedEntries, want); diff != "" {
			t.Errorf("the upload lists other entries than its files make:\n%s", diff)
		}
		found, err := find.searchable(t.Context())
		if err != nil {
			t.Error(err)
		}
		if diff := sameEntries(found, want); diff != "" {
			t.Errorf("search finds other entries than the files make:\n%s", diff)
		}
		if t.Failed() {
			t.Fatalf("after %d kills; the server said:\n%s", kills, server.Said())
		}
		server.Kill()
	}
}
