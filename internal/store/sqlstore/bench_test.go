package sqlstore_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/store/storetest"
	"oasis/internal/work/processing"
)

// onEach runs a benchmark on both databases.
func onEach(b *testing.B, run func(*testing.B, storetest.Stores)) {
	b.Run("sqlite", func(b *testing.B) { run(b, onSQLite(b, time.Now)) })
	b.Run("postgres", func(b *testing.B) { run(b, onPostgres(b, time.Now)) })
}

func withUpload(b *testing.B, s storetest.Stores) {
	b.Helper()
	err := s.Uploads().InTx(b.Context(), func(tx upload.Tx) error {
		return tx.InsertUpload(b.Context(), upload.Upload{ID: "u", MainAuthor: "ann", CreateTime: time.Now()})
	})
	if err != nil {
		b.Fatal(err)
	}
}

// putFile is what storing one file does to the database.
func putFile(ctx context.Context, s storetest.Stores, i int, inside *time.Duration) error {
	return s.Uploads().InTx(ctx, func(tx upload.Tx) error {
		began := time.Now()
		defer func() { *inside += time.Since(began) }()
		if _, err := tx.Upload(ctx, "u"); err != nil {
			return err
		}
		path := fmt.Sprintf("a/b/file%d.txt", i)
		err := tx.PutFiles(ctx, "u", []upload.File{{Path: path, Size: 5, SHA256: strings.Repeat("a", 64), ModTime: began}})
		if err != nil {
			return err
		}
		if _, err := tx.AddIntents(ctx, []upload.Intent{{UploadID: "u", Kind: upload.Place, Staged: "0123456789abcdef", Path: path}}); err != nil {
			return err
		}
		if err := tx.SetProcess(ctx, "u", upload.Process{Status: upload.Pending, Current: upload.ProcessUpload}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, upload.JobProcess, "u", upload.ProcessArgs{UploadID: "u"})
	})
}

// BenchmarkPutFile reports the time without the wait for the disk as well.
func BenchmarkPutFile(b *testing.B) {
	onEach(b, func(b *testing.B, s storetest.Stores) {
		withUpload(b, s)
		var inside time.Duration
		for i := 0; b.Loop(); i++ {
			if err := putFile(b.Context(), s, i, &inside); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(inside.Nanoseconds())/float64(b.N), "ns-inside/op")
	})
}

// BenchmarkPutFileTogether shows what committing in groups gains.
func BenchmarkPutFileTogether(b *testing.B) {
	onEach(b, func(b *testing.B, s storetest.Stores) {
		withUpload(b, s)
		b.SetParallelism(16)
		b.RunParallel(func(p *testing.PB) {
			var inside time.Duration
			for i := int(time.Now().UnixNano()); p.Next(); i++ {
				if err := putFile(b.Context(), s, i, &inside); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkSaveOutcome stores 1,000 entries with documents of 2 kB.
func BenchmarkSaveOutcome(b *testing.B) {
	onEach(b, func(b *testing.B, s storetest.Stores) {
		withUpload(b, s)
		document := []byte(`{"results":"` + strings.Repeat("x", 2000) + `"}`)
		put := make([]entry.Entry, 1000)
		for n := 0; b.Loop(); n++ {
			for i := range put {
				name := fmt.Sprintf("dir%d/file%d.archive.json", n, i)
				put[i] = entry.Entry{
					ID: upload.EntryID("u", name, ""), Mainfile: name, ParserName: "parsers/archive", CreateTime: time.Now(),
					LastProcessing: time.Now(), Process: upload.Process{Status: upload.Success, Current: "process_entry", Message: "Archiving"},
					InputKey: "0123456789abcdef0123456789abcdef", Document: document,
				}
			}
			if err := s.Processing().SaveOutcome(b.Context(), "u", processing.Outcome{Put: put}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkArchive stores the rows of an archive with 10,000 members.
func BenchmarkArchive(b *testing.B) {
	onEach(b, func(b *testing.B, s storetest.Stores) {
		withUpload(b, s)
		files := make([]upload.File, 10_000)
		intents := make([]upload.Intent, len(files))
		for n := 0; b.Loop(); n++ {
			for i := range files {
				path := fmt.Sprintf("run%d/part%d/file%d.dat", n, i/100, i)
				files[i] = upload.File{Path: path, Size: 5, SHA256: strings.Repeat("a", 64), ModTime: time.Now()}
				intents[i] = upload.Intent{UploadID: "u", Kind: upload.Place, Staged: path, Path: path}
			}
			var ids []int64
			err := s.Uploads().InTx(b.Context(), func(tx upload.Tx) error {
				if err := tx.PutFiles(b.Context(), "u", files); err != nil {
					return err
				}
				added, err := tx.AddIntents(b.Context(), intents)
				for _, in := range added {
					ids = append(ids, in.ID)
				}
				return err
			})
			if err == nil {
				err = s.Uploads().DeleteIntents(b.Context(), ids)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRead is one look-up as every request to an upload makes.
func BenchmarkRead(b *testing.B) {
	onEach(b, func(b *testing.B, s storetest.Stores) {
		withUpload(b, s)
		for b.Loop() {
			if _, err := s.Uploads().Upload(b.Context(), "u"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkListUploads is the first page of somebody with 20,000 uploads.
func BenchmarkListUploads(b *testing.B) {
	onEach(b, func(b *testing.B, s storetest.Stores) {
		err := s.Uploads().InTx(b.Context(), func(tx upload.Tx) error {
			for i := range 20_000 {
				u := upload.Upload{ID: fmt.Sprintf("u%d", i), MainAuthor: "ann", CreateTime: time.Now()}
				if err := tx.InsertUpload(b.Context(), u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		filter, _ := upload.Visible(upload.Viewer{UserID: "ann", Groups: []string{"g"}}, upload.OwnerShared)
		for b.Loop() {
			page, _, err := s.Uploads().ListUploads(b.Context(), upload.ListQuery{Visible: filter, Limit: 10, Desc: true})
			if err != nil || len(page) != 10 {
				b.Fatal(len(page), err)
			}
		}
	})
}
