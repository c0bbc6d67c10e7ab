package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"oasis/internal/problem"
)

// VerbDoctorVerify compares files with the SHA-256 they were stored with, as many as
// fit into a few seconds; the caller goes on after the last one.
const VerbDoctorVerify = "doctor.verify"

// VerifyFrom is where VerbDoctorVerify begins: after this file.
type VerifyFrom struct{ UploadID, Path string }

// Verified is what VerbDoctorVerify has found.
type Verified struct {
	// Files and Bytes were read.
	Files, Bytes int64
	Damaged      []Finding
	// Next is the last file that was looked at, nil when there are no more.
	Next *VerifyFrom
}

const (
	verifyFor     = 5 * time.Second
	verifyAtOnce  = 500
	mostDamagedIn = 1000
)

// verify reads files in the order of their rows. A file that is changed meanwhile is
// compared with its new row.
func (a *admin) verify(ctx context.Context, from VerifyFrom) (Verified, error) {
	var v Verified
	began := time.Now()
	for time.Since(began) < verifyFor && len(v.Damaged) < mostDamagedIn {
		files, err := a.core.db.FilesAfter(ctx, from.UploadID, from.Path, verifyAtOnce)
		if err != nil {
			return v, fmt.Errorf("list files: %w", err)
		}
		if len(files) == 0 {
			return v, nil
		}
		for i := range files {
			f := &files[i]
			n, wrong, err := a.verifyFile(ctx, f.UploadID, f.Path, f.SHA256)
			if err != nil {
				return v, err
			}
			if wrong != "" {
				v.Damaged = append(v.Damaged, Finding{Check: "file", State: FindingProblem,
					Text: fmt.Sprintf("%s of upload %s %s.", f.Path, f.UploadID, wrong), Help: "Restore it from a backup, or store it again."})
			}
			v.Files++
			v.Bytes += n
			from = VerifyFrom{UploadID: f.UploadID, Path: f.Path}
			if time.Since(began) > verifyFor {
				break
			}
		}
	}
	v.Next = &from
	return v, nil
}

// verifyFile tells what is wrong with the bytes of a file, "" = nothing.
func (a *admin) verifyFile(ctx context.Context, uploadID, path, want string) (n int64, wrong string, err error) {
	content, err := a.uploads.OpenRaw(ctx, uploadID, path)
	if err == nil {
		sum := sha256.New()
		n, err = io.Copy(sum, content)
		err = errors.Join(err, content.Close())
		if err == nil && hex.EncodeToString(sum.Sum(nil)) == want {
			return n, "", nil
		}
	}
	if ctx.Err() != nil {
		return n, "", ctx.Err()
	}
	row, rowErr := a.core.db.Uploads().File(ctx, uploadID, path)
	if rowErr != nil && !problem.Is(rowErr, problem.Missing) {
		return n, "", fmt.Errorf("look at a file again: %w", rowErr)
	}
	switch {
	case rowErr != nil || row.SHA256 != want: // deleted or replaced since
		return n, "", nil //nolint:nilerr // what could not be read is not there any more
	case errors.Is(err, fs.ErrNotExist):
		return n, "is missing on the disk", nil
	case err != nil:
		return n, "cannot be read: " + err.Error(), nil //nolint:nilerr // this fault is what is found
	default:
		return n, "is not what was stored: its SHA-256 differs", nil
	}
}
