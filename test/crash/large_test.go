package crash

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"

	"oasis/test/long"
	"oasis/test/servers"
)

// peak is the most memory that a process ever had, in MiB.
func peak(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skipf("how much memory a process takes is asked of Linux: %v", err)
	}
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("no VmHWM in %s", text)
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// TestLargeFileTakesNoMemory sends and fetches a file that is much larger than
// what the server may take; 10 GiB in a long run.
func TestLargeFileTakesNoMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: no servers are started")
	}
	const most = 64 // MiB
	size := int64(long.Pick(256<<20, 10<<30))
	o := servers.NewOasis(t, servers.Binary(t))
	d := newDisk(t, o)
	id := d.upload
	send := func(method, path string, body io.Reader, header http.Header) *http.Response {
		t.Helper()
		req, err := d.Request(t.Context(), method, path, body)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range header {
			req.Header[name] = values
		}
		got, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { got.Body.Close() })
		return got
	}
	before := peak(t, o.PID())

	sum := sha256.New()
	body := io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{3}), size), sum)
	got := send(http.MethodPut, "/uploads/"+id+"/raw/?file_name=large.bin&trigger_processing=false", body, nil)
	if said, err := io.ReadAll(got.Body); err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("PUT: status %d %s, %v", got.StatusCode, said, err)
	}
	want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + ":"
	if grown := peak(t, o.PID()) - before; grown > most {
		t.Errorf("PUT of %d MiB took %d MiB of memory, at most %d are right", size>>20, grown, most)
	}

	// In two parts, as after a broken download; then as a zip.
	sum.Reset()
	half := size/2 + 1
	for _, part := range []struct{ from, to int64 }{{0, half - 1}, {half, size - 1}} {
		got := send(http.MethodGet, "/uploads/"+id+"/raw/large.bin", nil, http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", part.from, part.to)}})
		if n, err := io.Copy(sum, got.Body); err != nil || n != part.to-part.from+1 || got.StatusCode != http.StatusPartialContent || got.Header.Get("Repr-Digest") != want {
			t.Errorf("status %d, %d bytes, %v, %v", got.StatusCode, n, err, got.Header)
		}
	}
	if is := "sha-256=:" + base64.StdEncoding.EncodeToString(sum.Sum(nil)) + ":"; is != want {
		t.Errorf("the parts have %s, sent was %s", is, want)
	}
	got = send(http.MethodGet, "/uploads/"+id+"/raw/?compress=true", nil, nil)
	if n, err := io.Copy(io.Discard, got.Body); err != nil || n != got.ContentLength || n <= size {
		t.Errorf("zip of %d bytes, %d announced: %v", n, got.ContentLength, err)
	}
	if grown := peak(t, o.PID()) - before; grown > most {
		t.Errorf("PUT and GET of %d MiB took %d MiB of memory, at most %d are right", size>>20, grown, most)
	}
}
