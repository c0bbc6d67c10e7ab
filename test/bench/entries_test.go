package bench

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"oasis/test/servers"
)

// entries measures the way from a zip of ELN archives to search answers, then
// searching, then the memory of a server with that much in it.
func (t *table) entries(b *testing.B) {
	const rounds = 3
	var rates, limits []float64
	var server *servers.Oasis
	var client *servers.Client
	for range rounds {
		if server != nil {
			server.Stop()
		}
		server = servers.NewOasis(b, servers.Binary(b), unpublished)
		client = server.Admin("ada")
		server.Start()
		pack := zipOfArchives(b, 1000)
		begin := time.Now()
		upload(b, client, pack)
		awaitEntries(b, client, 1000)
		rates = append(rates, 1000/time.Since(begin).Seconds())
		begin = time.Now()
		unpack(b, pack, filepath.Join(filepath.Dir(server.Data), "unpacked"))
		limits = append(limits, 1000/time.Since(begin).Seconds())
	}
	t.add(b, figure{
		what: "zip of 1,000 ELN archives to searchable", key: "zip", unit: "entries/s", ours: median(rates),
		limit: median(limits), of: "unpack, write, one sync", wanted: 500, goalIsFigure: true, nomad: "7 entries/s",
	})
	upload(b, client, zipOfArchives(b, 300))
	awaitEntries(b, client, 1300)
	t.query(b, server, client)
	t.add(b, figure{
		what: "memory with 1,300 entries, one process", key: "full_memory", unit: "MiB", ours: idleMemory(b, server.PID()),
		less: true, wanted: 100, goalIsFigure: true, nomad: "1.7 GiB, nine processes",
	})
	if children := childrenOf(b, server.PID()); children != "" {
		b.Errorf("the server has other processes: %s", children)
	}
}

// query measures a page of search results.
func (t *table) query(b *testing.B, server *servers.Oasis, client *servers.Client) {
	b.Helper()
	const body = `{"owner": "visible", "query": {}, "pagination": {"page_size": 10}}`
	search := newRequest(b, http.MethodPost, client.API+"/entries/query", client.Token, body)
	alive := newRequest(b, http.MethodGet, server.URL+"/alive", client.Token, "")
	var ours, limit []time.Duration
	search.times(b, 200) // warm
	for range 10 {
		ours = append(ours, search.times(b, 200)...)
		limit = append(limit, alive.times(b, 200)...)
	}
	t.add(b, figure{
		what: "POST /entries/query, 10 of 1,300, median", key: "query_p50", unit: "ms", ours: ms(median(ours)),
		limit: ms(median(limit)), of: "/alive", less: true, wanted: 2, goalIsFigure: true, nomad: "24 ms",
	})
	t.add(b, figure{
		what: "the same, 95th percentile", key: "query_p95", unit: "ms", ours: ms(quantile(ours, 0.95)),
		limit: ms(quantile(limit, 0.95)), of: "/alive", less: true, wanted: 2, goalIsFigure: true,
	})
}

// start measures the first start on an empty data directory, and the memory of a
// server that has nothing to do.
func (t *table) start(b *testing.B) {
	const rounds = 7
	var ours, limit []time.Duration
	var memory []float64
	binary := servers.Binary(b)
	for range rounds {
		server := servers.NewOasis(b, binary)
		begin := time.Now()
		server.Start()
		ours = append(ours, time.Since(begin))
		begin = time.Now()
		if out, err := exec.CommandContext(b.Context(), binary, "version").CombinedOutput(); err != nil {
			b.Fatalf("oasis version: %v\n%s", err, out)
		}
		limit = append(limit, time.Since(begin))
		memory = append(memory, residentMemory(b, server.PID(), "VmRSS:"))
		server.Stop()
	}
	t.add(b, figure{
		what: "empty data directory to ready", key: "start", unit: "ms", ours: ms(median(ours)),
		limit: ms(median(limit)), of: "oasis version", less: true, wanted: 1000, goalIsFigure: true, nomad: "60 s",
	})
	t.add(b, figure{
		what: "memory after that, one process", key: "idle_memory", unit: "MiB", ours: median(memory),
		less: true, wanted: 100, goalIsFigure: true, nomad: "1.7 GiB, nine processes",
	})
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// zipOfArchives makes an upload of ELN archives, each an entry of its own.
func zipOfArchives(b *testing.B, n int) []byte {
	b.Helper()
	const archive = `{"data": {
  "m_def": "nomad.datamodel.metainfo.eln.ELNMeasurement",
  "name": "Scan %[1]d of film %[2]d", "lab_id": "SCAN-%[1]d", "datetime": "2024-05-%02[3]dT10:00:00+00:00",
  "method": "XRD", "location": "Room %[2]d", "tags": ["thin film", "series %[2]d"],
  "description": "<p>Scan number %[1]d: TiO2 on glass, after annealing.</p>",
  "samples": [{"name": "film %[2]d", "lab_id": "FILM-%[2]d"}],
  "instruments": [{"name": "diffractometer", "lab_id": "D8-1"}],
  "steps": [{"name": "align", "comment": "by hand"}, {"name": "scan", "duration": 1800}]
}, "results": {"material": {"elements": ["O", "Ti"]}}}`
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range n {
		part, err := w.Create(fmt.Sprintf("series %d/scan-%d.archive.json", i/100, i))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := fmt.Fprintf(part, archive, i, i/20, 1+i%28); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func upload(b *testing.B, client *servers.Client, pack []byte) {
	b.Helper()
	req, err := client.Request(b.Context(), http.MethodPost, "/uploads?file_name=series.zip", bytes.NewReader(pack))
	if err != nil {
		b.Fatal(err)
	}
	uploadID(b, req)
}

// uploadID sends a request that makes an upload.
func uploadID(b *testing.B, req *http.Request) string {
	b.Helper()
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer got.Body.Close()
	var made struct {
		ID string `json:"upload_id"`
	}
	if err := json.NewDecoder(got.Body).Decode(&made); err != nil || made.ID == "" {
		b.Fatalf("%s %s: status %d, %v", req.Method, req.URL.Path, got.StatusCode, err)
	}
	return made.ID
}

// awaitEntries returns when search finds n entries.
func awaitEntries(b *testing.B, client *servers.Client, n int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		var got struct{ Pagination struct{ Total int } }
		query := map[string]any{"owner": "user", "pagination": map[string]any{"page_size": 0}}
		if err := client.Query(ctx, "/entries/query", query, &got); err != nil {
			b.Fatal(err)
		}
		if got.Pagination.Total >= n {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.Fatalf("only %d of %d entries can be found", got.Pagination.Total, n)
		}
	}
}

// unpack writes the members of a zip into a directory and waits for the disk once.
func unpack(b *testing.B, pack []byte, dir string) {
	b.Helper()
	err := os.Mkdir(dir, 0o700)
	if err != nil {
		b.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		b.Fatal(err)
	}
	for i, member := range r.File {
		in, err := member.Open()
		if err != nil {
			b.Fatal(err)
		}
		body, err := io.ReadAll(in)
		err = errors.Join(err, in.Close(), os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), body, 0o600))
		if err != nil {
			b.Fatal(err)
		}
	}
	settleDisk(b, dir)
}

// idleMemory lets a process alone for a while and tells what it has then, in MiB.
func idleMemory(b *testing.B, pid int) float64 {
	b.Helper()
	const while = 15 * time.Second
	<-time.After(while)
	return residentMemory(b, pid, "VmRSS:")
}

// childrenOf lists the processes that a process has started and that still run.
func childrenOf(b *testing.B, pid int) string {
	b.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		b.Fatal(err)
	}
	var all []byte
	for _, list := range lists {
		ids, err := os.ReadFile(list)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			b.Fatal(err)
		}
		all = append(all, ids...)
	}
	return string(bytes.TrimSpace(all))
}
