package bench

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"oasis/test/servers"
)

const mib = 1 << 20

// largeFile measures PUT of 1 GiB against the slowest of three ways to move as
// many bytes (decisions of the design: cp and fsync; the loopback; read, digest,
// write and fsync), and by how much the server's memory grows.
func (t *table) largeFile(b *testing.B) {
	const (
		size   = 1 << 30
		rounds = 5
	)
	server := servers.NewOasis(b, servers.Binary(b), unpublished)
	client := server.Admin("ada")
	server.Start()
	id := newUpload(b, client)
	dir := filepath.Dir(server.Data)
	source := filepath.Join(dir, "source")
	fill(b, source, size)
	discard := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) //nolint:errcheck // the client tells
	}))
	defer discard.Close()
	send := func(req *http.Request) error { return sendFile(req, source, size) }

	puts := 0
	before := residentMemory(b, server.PID(), "VmRSS:")
	ways := []struct {
		name string
		do   func() error
	}{
		{"PUT", func() error {
			puts++
			req, err := client.Request(b.Context(), http.MethodPut, fmt.Sprintf("/uploads/%s/raw/?file_name=%d.bin", id, puts), http.NoBody)
			return errors.Join(err, send(req))
		}},
		{"cp and fsync", func() error { return copyFile(source, filepath.Join(dir, "copy")) }},
		{"loopback", func() error {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, discard.URL, http.NoBody)
			return errors.Join(err, send(req))
		}},
		{"read, SHA-256, write, fsync", func() error { return digestFile(source, filepath.Join(dir, "copy")) }},
	}
	speeds := make([][]float64, len(ways))
	for range rounds {
		for i, way := range ways {
			settleDisk(b, dir)
			begin := time.Now()
			if err := way.do(); err != nil {
				b.Fatalf("%s: %v", way.name, err)
			}
			speeds[i] = append(speeds[i], size/mib/time.Since(begin).Seconds())
			os.Remove(filepath.Join(dir, "copy"))
		}
	}
	slowest := 1
	for i := range ways {
		if i > 0 && median(speeds[i]) < median(speeds[slowest]) {
			slowest = i
		}
		b.Logf("%s: %s MiB/s", ways[i].name, number(median(speeds[i])))
	}
	t.add(b, figure{
		what: "PUT of 1 GiB", key: "large", unit: "MiB/s", ours: median(speeds[0]),
		limit: median(speeds[slowest]), of: ways[slowest].name, wanted: 0.8,
	})
	t.add(b, figure{
		what: "memory it takes", key: "large_memory", unit: "MiB", ours: residentMemory(b, server.PID(), "VmHWM:") - before,
		less: true, wanted: 64, goalIsFigure: true,
	})
}

// smallFiles measures durable PUTs of 1 KiB, one after another, against creating,
// writing and syncing files of that size in the same tree.
func (t *table) smallFiles(b *testing.B) {
	const (
		rounds = 10
		block  = 100
	)
	server := servers.NewOasis(b, servers.Binary(b), unpublished)
	client := server.Admin("ada")
	server.Start()
	id := newUpload(b, client)
	body := make([]byte, 1<<10)
	direct := filepath.Join(server.Data, "files", "direct")
	if err := os.Mkdir(direct, 0o700); err != nil {
		b.Fatal(err)
	}
	conn := newRequest(b, http.MethodGet, client.API, client.Token, "").connect(b)
	defer conn.end()
	put := func(n int) error {
		address := fmt.Sprintf("%s/uploads/%s/raw/%d?file_name=%d.dat", client.API, id, n/1000, n)
		return conn.send(newRequest(b, http.MethodPut, address, client.Token, string(body)))
	}
	plain := func(n int) error { return writeSync(filepath.Join(direct, strconv.Itoa(n)), body) }
	ways := []func(n int) error{put, plain}
	rates := make([][]float64, len(ways))
	for round := range rounds {
		for i, way := range ways {
			begin := time.Now()
			for n := range block {
				if err := way(round*block + n); err != nil {
					b.Fatal(err)
				}
			}
			rates[i] = append(rates[i], block/time.Since(begin).Seconds())
		}
	}
	t.add(b, figure{
		what: "PUT of 1 KiB, durable", key: "small", unit: "files/s", ours: median(rates[0]),
		limit: median(rates[1]), of: "create, write, fsync", wanted: 0.4, nomad: "1.5 files/s",
	})
}

// newUpload makes an empty upload.
func newUpload(b *testing.B, client *servers.Client) string {
	b.Helper()
	req, err := client.Request(b.Context(), http.MethodPost, "/uploads?upload_name=bench", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	return uploadID(b, req)
}

// sendFile sends a request with the bytes of a file.
func sendFile(req *http.Request, path string, size int64) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	req.Body, req.ContentLength = in, size
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	said, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", got.StatusCode, said)
	}
	return err
}

// fill makes a file that cannot be compressed, and leaves it in the page cache.
func fill(b *testing.B, path string, size int64) {
	b.Helper()
	out, err := os.Create(path)
	if err == nil {
		_, err = io.CopyN(out, rand.NewChaCha8([32]byte{}), size)
		err = errors.Join(err, out.Sync(), out.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
}

// settleDisk waits until nothing is left to write from the round before.
func settleDisk(b *testing.B, dir string) {
	b.Helper()
	handle, err := os.Open(dir)
	if err == nil {
		err = errors.Join(unix.Syncfs(int(handle.Fd())), handle.Close())
	}
	if err != nil {
		b.Fatal(err)
	}
}

// copyFile is cp and fsync.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// digestFile reads, digests and writes a file chunk by chunk, and syncs it.
func digestFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(sum, out)}, struct{ io.Reader }{in}, make([]byte, mib))
	return errors.Join(err, out.Sync(), out.Close())
}

// writeSync makes a durable file.
func writeSync(path string, body []byte) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(body)
	return errors.Join(err, out.Sync(), out.Close())
}

// residentMemory reads a line of the process's status, in MiB.
func residentMemory(b *testing.B, pid int, line string) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	kib := field(string(text), line)
	if kib == 0 {
		b.Fatalf("/proc/%d/status has no %s", pid, line)
	}
	return kib / 1024
}
