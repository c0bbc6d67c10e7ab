package crash

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"oasis/test/long"
	"oasis/test/servers"
)

// settleLimit is how long a server may take until nothing is busy any more.
const settleLimit = time.Minute

func TestKillDuringUploadsLosesNothingAnsweredAndLeavesNoHalves(t *testing.T) {
	t.Parallel()
	random := choices(t)
	rng := rand.New(random)
	server := servers.NewOasis(t, servers.Binary(t), quiet)
	client := server.Admin("ada")
	find := &finding{client, filepath.Join(server.Data, "files")}
	workers := make([]*worker, 5)
	for i := range workers {
		own := source(rng.Uint64(), uint64(i))
		workers[i] = &worker{client: client, name: fmt.Sprintf("worker %d", i), random: own, rng: rand.New(own)}
	}
	server.Start()
	for kill := range long.Pick(20, 1000) {
		group, ctx := errgroup.WithContext(t.Context())
		for _, w := range workers {
			group.Go(func() error { return w.run(ctx) })
		}
		await := time.NewTimer(between(rng, 20*time.Millisecond, 1500*time.Millisecond))
		select {
		case <-await.C:
		case <-ctx.Done(): // an answer that must not be
		}
		server.Kill()
		if err := group.Wait(); err != nil {
			t.Fatalf("before kill %d: %v", kill, err)
		}
		for rng.IntN(3) == 0 { // also while it starts
			server.Launch()
			<-time.After(between(rng, time.Millisecond, 300*time.Millisecond))
			server.Kill()
		}
		server.Start()
		checkUploads(t, find, workers)
		if t.Failed() {
			t.Fatalf("after kill %d; the server said:\n%s", kill, server.Said())
		}
	}
	answered := 0
	for _, w := range workers {
		answered += w.answered
	}
	t.Logf("%d changes were answered", answered)
}

// checkUploads compares what the server shows with what the workers know, and
// settles what they could not know.
func checkUploads(t *testing.T, find *finding, workers []*worker) {
	t.Helper()
	ctx := t.Context()
	awaitIdle(t, find)
	shown, err := find.uploads(ctx)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]listed{}
	for _, u := range shown {
		byName[u.Name] = u
		if u.Status != "SUCCESS" {
			t.Errorf("upload %q is %s: %s", u.Name, u.Status, u.Message)
		}
	}
	if len(byName) != len(shown) {
		t.Errorf("%d uploads are listed under %d names", len(shown), len(byName))
	}
	var entries []entry
	for _, w := range workers {
		for _, u := range w.uploads {
			entries = append(entries, checkUpload(t, find, u, byName)...)
			delete(byName, u.name)
		}
	}
	for name := range byName {
		t.Errorf("upload %q is listed, and was deleted or never made", name)
	}
	found, err := find.searchable(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := sameEntries(found, entries); diff != "" {
		t.Errorf("search finds other entries than the files make:\n%s", diff)
	}
	checkDisk(t, find, shown)
}

// checkUpload finds out in which of its states an upload is; it gives the entries it must have.
func checkUpload(t *testing.T, find *finding, u *upload, byName map[string]listed) []entry {
	t.Helper()
	shown, exists := byName[u.name]
	if exists && u.id != "" && u.id != shown.ID {
		t.Errorf("upload %q has the id %s and was answered %s", u.name, shown.ID, u.id)
	}
	if u.id != "" {
		checkStatus(t, find, u.id, exists)
	}
	var sums map[string]string
	if exists {
		u.id = shown.ID
		var err error
		if sums, err = find.raw(t.Context(), u.id); err != nil {
			t.Errorf("upload %q: %v", u.name, err)
			return nil
		}
		onDisk, err := find.disk(u.id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := differences(onDisk, sums); diff != "" {
			t.Errorf("upload %q: the disk has other files than are listed:\n%s", u.name, diff)
		}
		if empty := find.empty(u.id); shown.Published && len(empty) > 0 {
			t.Errorf("upload %q is published with empty folders %q", u.name, empty)
		}
	}
	var diffs []string
	is := state{exists: exists, published: shown.Published, embargoed: shown.Embargoed}
	for _, s := range u.states {
		if diff := is.says(s); diff == "" && maps.Equal(s.files.sums(), sums) {
			u.states = []state{s}
			return checkEntries(t, find, u)
		} else {
			diffs = append(diffs, diff+differences(sums, s.files.sums()))
		}
	}
	t.Errorf("upload %q is in none of %d states it may have:\n%s", u.name, len(diffs), strings.Join(diffs, "\nor\n"))
	return nil
}

// checkEntries compares the entries that an upload lists with its files.
func checkEntries(t *testing.T, find *finding, u *upload) []entry {
	t.Helper()
	if !u.now().exists {
		return nil
	}
	want := expected(u.id, u.now().files)
	got, err := find.processed(t.Context(), u.id)
	if err != nil {
		t.Errorf("upload %q: %v", u.name, err)
	}
	if diff := sameEntries(got, want); diff != "" {
		t.Errorf("upload %q lists other entries than its files make:\n%s", u.name, diff)
	}
	stored, err := find.archives(u.id)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, e := range got {
		ids[e.id] = ""
	}
	if diff := differences(stored, ids); diff != "" {
		t.Errorf("upload %q has archives on the disk for other entries than it lists:\n%s", u.name, diff)
	}
	return want
}

// checkStatus asks for an upload by its id.
func checkStatus(t *testing.T, find *finding, id string, exists bool) {
	t.Helper()
	want := http.StatusNotFound
	if exists {
		want = http.StatusOK
	}
	answer, err := find.client.Do(t.Context(), http.MethodGet, "/uploads/"+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer.Status != want {
		t.Errorf("upload %s: status %d, want %d: %s", id, answer.Status, want, answer.Body)
	}
}

// awaitIdle waits until no upload is busy.
func awaitIdle(t *testing.T, find *finding) {
	t.Helper()
	await(t, settleLimit, func(ctx context.Context) (bool, string) {
		shown, err := find.uploads(ctx)
		if err != nil {
			return false, err.Error()
		}
		busy := slices.IndexFunc(shown, func(u listed) bool { return u.Running })
		if busy >= 0 {
			return false, fmt.Sprintf("upload %s is still %s: %s", shown[busy].ID, shown[busy].Status, shown[busy].Message)
		}
		return true, ""
	})
}

// checkDisk waits until nothing lies about, and wants no folders of uploads that are gone.
func checkDisk(t *testing.T, find *finding, shown []listed) {
	t.Helper()
	await(t, settleLimit, func(context.Context) (bool, string) {
		left, err := find.leftovers()
		if err != nil {
			return false, err.Error()
		}
		return len(left) == 0, fmt.Sprintf("staged or in the trash: %q", left)
	})
	ids, err := find.onDisk()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(shown, func(u listed) bool { return u.ID == id }) {
			t.Errorf("the disk has a folder of the upload %s, which does not exist: %q", id, find.within(id))
		}
	}
}
