package bench

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"oasis/test/servers"
)

// turns lets several ways take turns and gives the time each took, by round.
func turns(b *testing.B, dir string, rounds int, ways ...func(round int) error) [][]float64 {
	b.Helper()
	seconds := make([][]float64, len(ways))
	for round := range rounds {
		for i, way := range ways {
			settleDisk(b, dir)
			begin := time.Now()
			if err := way(round); err != nil {
				b.Fatal(err)
			}
			seconds[i] = append(seconds[i], time.Since(begin).Seconds())
		}
	}
	return seconds
}

// transfers measures downloads as zip, unpacking, WebDAV's PUT, and two uploads at once.
func (t *table) transfers(b *testing.B) {
	server := servers.NewOasis(b, servers.Binary(b), unpublished)
	client := server.Admin("ada")
	server.Start()
	b.Run("zip", func(b *testing.B) { t.zipDownload(b, server, client) })
	b.Run("unpack", func(b *testing.B) { t.extraction(b, server, client) })
	b.Run("webdav", func(b *testing.B) { t.webdavPut(b, server, client) })
	b.Run("two at once", func(b *testing.B) { t.twoAtOnce(b, server, client) })
}

// putFile sends a file of the disk.
func putFile(b *testing.B, client *servers.Client, id, name, source string, size int64) error {
	req, err := client.Request(b.Context(), http.MethodPut, "/uploads/"+id+"/raw/?trigger_processing=false&file_name="+name, http.NoBody)
	if err != nil {
		return err
	}
	return sendFile(req, source, size)
}

// zipDownload measures a zip of all files of an upload against cat of the same files.
func (t *table) zipDownload(b *testing.B, server *servers.Oasis, client *servers.Client) {
	const files, size, rounds = 32, 16 * mib, 7
	id := newUpload(b, client)
	dir := filepath.Join(b.TempDir(), "plain")
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	var paths []string
	for i := range files {
		path := filepath.Join(dir, fmt.Sprint(i))
		fill(b, path, size)
		paths = append(paths, path)
		if err := putFile(b, client, id, fmt.Sprint(i), path, size); err != nil {
			b.Fatal(err)
		}
	}
	download := func(int) error {
		req, err := client.Request(b.Context(), http.MethodGet, "/uploads/"+id+"/raw/?compress=true", nil)
		if err != nil {
			return err
		}
		got, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer got.Body.Close()
		n, err := io.Copy(io.Discard, got.Body)
		if err == nil && n != got.ContentLength {
			err = fmt.Errorf("%d bytes of %d came", n, got.ContentLength)
		}
		return err
	}
	cat := func(int) error {
		cmd := exec.CommandContext(b.Context(), "cat", paths...)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, struct{ io.Reader }{out})
		return errors.Join(err, cmd.Wait())
	}
	taken := turns(b, filepath.Dir(server.Data), rounds, download, cat)
	t.add(b, figure{
		what: "download of 512 MiB as zip", key: "zip_down", unit: "MiB/s", ours: files * size / mib / median(taken[0]),
		limit: files * size / mib / median(taken[1]), of: "cat into a pipe", wanted: 0.4,
	})
}

// extraction measures a zip that is unpacked and stored against unzip and a sync.
func (t *table) extraction(b *testing.B, server *servers.Oasis, client *servers.Client) {
	if _, err := exec.LookPath("unzip"); err != nil {
		servers.Missing(b, "unzip", "run 'make deps' as root, or install unzip")
	}
	const files, size, rounds = 2000, 20 << 10, 5
	pack := zipOfTables(b, files, size)
	dir := filepath.Dir(server.Data)
	source := filepath.Join(dir, "tables.zip")
	if err := os.WriteFile(source, pack, 0o600); err != nil {
		b.Fatal(err)
	}
	ours := func(round int) error {
		return putFile(b, client, newUpload(b, client), fmt.Sprintf("%d.zip", round), source, int64(len(pack)))
	}
	plain := func(round int) error {
		to := filepath.Join(dir, fmt.Sprintf("unzipped%d", round))
		said, err := exec.CommandContext(b.Context(), "unzip", "-q", source, "-d", to).CombinedOutput()
		if err != nil {
			return fmt.Errorf("unzip: %w: %s", err, said)
		}
		return exec.CommandContext(b.Context(), "sync", "-f", to).Run()
	}
	taken := turns(b, dir, rounds, ours, plain)
	t.add(b, figure{
		what: "zip of 2,000 files to stored files, durable", key: "unzip", unit: "files/s", ours: files / median(taken[0]),
		limit: files / median(taken[1]), of: "unzip, one sync", wanted: 0.5,
	})
}

// zipOfTables makes a compressed zip of tables of numbers.
func zipOfTables(b *testing.B, files, size int) []byte {
	b.Helper()
	r := rand.New(rand.NewChaCha8([32]byte{7}))
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := range files {
		member, err := w.Create(fmt.Sprintf("run-%02d/%04d.csv", i%40, i))
		for n := 0; err == nil && n < size; {
			var m int
			m, err = fmt.Fprintf(member, "%08.3f,%08.3f\n", r.Float64()*1000, r.Float64()*1000)
			n += m
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

// webdavPut measures a large PUT, which is durable and summed up, against that of
// nginx's WebDAV module, which is neither, and against that with an fsync of ours.
func (t *table) webdavPut(b *testing.B, server *servers.Oasis, client *servers.Client) {
	const size, rounds = 256 * mib, 7
	nginx := servers.NewNginx(b)
	if err := os.Mkdir(filepath.Join(nginx.Dir, "dav"), 0o700); err != nil {
		b.Fatal(err)
	}
	nginx.Start(fmt.Sprintf("server { listen %s; client_max_body_size 0; location / { root %s/dav; dav_methods PUT DELETE; } }", nginx.Address, nginx.Dir))
	source := filepath.Join(filepath.Dir(server.Data), "source")
	fill(b, source, size)
	id := newUpload(b, client)
	ours := func(round int) error { return putFile(b, client, id, fmt.Sprint(round), source, size) }
	dav := func(round int) error {
		name := fmt.Sprint(round)
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPut, "http://"+nginx.Address+"/"+name, http.NoBody)
		if err != nil {
			return err
		}
		in, err := os.Open(source)
		if err != nil {
			return err
		}
		defer in.Close()
		req.Body, req.ContentLength = in, size
		got, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		got.Body.Close()
		if got.StatusCode != http.StatusCreated {
			return fmt.Errorf("nginx: status %d", got.StatusCode)
		}
		stored, err := os.Open(filepath.Join(nginx.Dir, "dav", name))
		if err != nil {
			return err
		}
		return errors.Join(stored.Sync(), stored.Close())
	}
	taken := turns(b, filepath.Dir(server.Data), rounds, ours, dav)
	t.add(b, figure{
		what: "PUT of 256 MiB", key: "dav", unit: "MiB/s", ours: size / mib / median(taken[0]),
		limit: size / mib / median(taken[1]), of: "PUT to nginx's WebDAV, fsync; no digest", wanted: 0.5,
	})
}

// twoAtOnce measures what two uploads move together against one alone.
func (t *table) twoAtOnce(b *testing.B, server *servers.Oasis, client *servers.Client) {
	const size, rounds = 256 * mib, 7
	source := filepath.Join(filepath.Dir(server.Data), "source")
	fill(b, source, size)
	id, other := newUpload(b, client), newUpload(b, client)
	one := func(round int) error { return putFile(b, client, id, fmt.Sprint(round), source, size) }
	two := func(round int) error {
		var errs [2]error
		var both sync.WaitGroup
		for i, id := range []string{id, other} {
			both.Go(func() { errs[i] = putFile(b, client, id, fmt.Sprint("two", round), source, size) })
		}
		both.Wait()
		return errors.Join(errs[:]...)
	}
	taken := turns(b, filepath.Dir(server.Data), rounds, two, one)
	t.add(b, figure{
		what: "two PUTs of 256 MiB at once, together", key: "two", unit: "MiB/s", ours: 2 * size / mib / median(taken[0]),
		limit: size / mib / median(taken[1]), of: "one alone", wanted: 0.9,
	})
}

// manyFiles measures how an upload of 100,000 files feels.
func (t *table) manyFiles(b *testing.B) {
	const files = 100_000
	server := servers.NewOasis(b, servers.Binary(b), unpublished)
	client := server.Admin("ada")
	server.Start()
	var pack bytes.Buffer
	w := zip.NewWriter(&pack)
	for i := range files {
		name := fmt.Sprintf("scan/%06d.dat", i)
		text := "0.0 1.0\n"
		if i%1000 == 0 {
			name, text = fmt.Sprintf("scan/%06d.archive.yaml", i), "data:\n  m_def: nomad.datamodel.metainfo.basesections.v1.Entity\n"
		}
		member, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(member, text)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	id := newUpload(b, client)
	begin := time.Now()
	req, err := client.Request(b.Context(), http.MethodPut, "/uploads/"+id+"/raw/?file_name=scan.zip", &pack)
	if err != nil {
		b.Fatal(err)
	}
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	got.Body.Close()
	if got.StatusCode != http.StatusOK {
		b.Fatalf("status %d", got.StatusCode)
	}
	b.Logf("stored in %s", time.Since(begin).Round(time.Millisecond))
	awaitEntries(b, client, files/1000)
	for _, p := range []struct{ what, key, path string }{
		{"page of a folder with 100,000 files, the last", "many_dir", "/rawdir/scan?include_entry_info=true&page_size=100&page=1000"},
		{"upload with 100,000 files", "many_upload", ""},
		{"page of its entries", "many_entries", "/entries?page_size=100"},
	} {
		r := newRequest(b, http.MethodGet, client.API+"/uploads/"+id+p.path, client.Token, "")
		r.times(b, 3) // warm
		t.add(b, figure{
			what: p.what + ", median", key: p.key, unit: "ms", ours: ms(median(r.times(b, 30))),
			less: true, wanted: 100, goalIsFigure: true,
		})
	}
}
