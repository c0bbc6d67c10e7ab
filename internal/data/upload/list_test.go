package upload_test

import (
	"path/filepath"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/store/filestore"
	"oasis/internal/store/sqlstore"
)

func TestUploadsOpenToEverybodyAreListedOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "oasis.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	files, err := filestore.Open(filepath.Join(dir, "files"), filestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	open := upload.Upload{
		ID: upload.NewID(), MainAuthor: "somebody else", ReviewerGroups: []string{upload.AllGroup},
		CreateTime: time.Now(), License: upload.DefaultLicense, Process: upload.Process{Status: upload.Ready},
	}
	err = db.Uploads().InTx(t.Context(), func(tx upload.Tx) error { return tx.InsertUpload(t.Context(), open) })
	if err != nil {
		t.Fatal(err)
	}
	service := upload.NewService(db.Uploads(), files, func() upload.Limits { return upload.Limits{} }, time.Now)
	for includeAll, want := range map[bool]int{false: 0, true: 1} {
		_, total, err := service.List(t.Context(), upload.Viewer{UserID: me}, upload.ListQuery{
			OrderBy: upload.OrderCreateTime, IncludeAll: includeAll, Limit: 10,
		})
		if err != nil || total != want {
			t.Errorf("include_all=%v lists %d uploads, want %d (%v)", includeAll, total, want, err)
		}
	}
}
