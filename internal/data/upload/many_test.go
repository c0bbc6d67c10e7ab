package upload_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// manyParts makes the parts of a form one by one, as they would arrive.
type manyParts struct {
	n, sent int
	content string
	name    string
}

func (m *manyParts) Next() (*upload.Part, error) {
	if m.sent == m.n {
		return nil, io.EOF
	}
	m.sent++
	return &upload.Part{Name: fmt.Sprintf(m.name, m.sent), Reader: strings.NewReader(m.content)}, nil
}

// A form of 24,000 files of 16 KiB, which are kept in their intents when they come
// alone, once made a database of 1 GB and a process of 4 GB.
func TestFormOfManySmallFilesIsNotKeptInTheDatabase(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.limits.FileBytes = 0
	u, err := s.Create(t.Context(), ada, upload.CreateOptions{}, &manyParts{n: 1000, content: strings.Repeat("x", 16<<10), name: "f%d.txt"})
	must(t, err)
	intents, err := s.store.Intents(t.Context(), "")
	must(t, err)
	files, held := 0, 0
	for _, in := range intents {
		if len(in.Body) > 0 {
			files++
			held += len(in.Body)
		}
	}
	if files > 64 || held > 1<<20+16<<10 {
		t.Errorf("the intents of one request hold %d bodies of %d bytes together", files, held)
	}
	if files == 0 {
		t.Error("not even the first small files are kept in their intents")
	}
	// Durable or not, every file is there.
	s.open()
	must(t, s.Recover(t.Context(), func(err error) { t.Error(err) }))
	for _, name := range []string{"f1.txt", "f65.txt", "f1000.txt"} {
		_, content, err := s.OpenFile(t.Context(), ada, u.ID, name)
		must(t, err)
		if content.Size() != 16<<10 {
			t.Errorf("%s has %d bytes", name, content.Size())
		}
		must(t, content.Close())
	}
}

func TestLimitsHoldForAllPartsOfARequestTogether(t *testing.T) {
	t.Parallel()
	zipped := func(members, size int) string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := range members {
			m, err := w.Create(fmt.Sprintf("m%d", i))
			must(t, err)
			_, err = m.Write(bytes.Repeat([]byte{'0'}, size))
			must(t, err)
		}
		must(t, w.Close())
		return b.String()
	}
	for name, tt := range map[string]struct {
		body    *manyParts
		refused string
	}{
		"files":               {&manyParts{n: 60, content: "x", name: "f%d"}, "The request has more than 50 files, the most one may have. Send them in several requests."},
		"bytes":               {&manyParts{n: 30, content: strings.Repeat("x", 10_000), name: "f%d"}, "The files of the request have more than the 200000 bytes that are allowed together. Send them in several requests."},
		"members of archives": {&manyParts{n: 10, content: zipped(20, 1), name: "a%d.zip"}, ""},
		"bytes of archives":   {&manyParts{n: 10, content: zipped(1, 400_000), name: "a%d.zip"}, ""},
		"slack of archives":   {&manyParts{n: 10, content: zipped(1, 60_000), name: "a%d.zip"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			s.limits.FileBytes = 200_000
			s.limits.Archive = unpack.Limits{Members: 50, Bytes: 1 << 20, Ratio: 20, Slack: 1 << 16}
			if name == "bytes of archives" {
				s.limits.Archive.Ratio = 10_000
			}
			_, err := s.Create(t.Context(), ada, upload.CreateOptions{}, tt.body)
			if p := problem.As(err); p == nil || p.Kind != problem.TooLarge || tt.refused != "" && p.Detail != tt.refused {
				t.Errorf("got %v", err)
			}
			if tt.body.sent < 2 {
				t.Errorf("part %d was refused, which is within the limits alone", tt.body.sent)
			}
			must(t, s.files.Sweep(t.Context(), func(string) bool { t.Error("a staged body is left"); return true }))
		})
	}
}
