package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Rows of raw files, for reading. Changes are in filewrite.go.

const fileColumns = `upload_id, path, size, sha256, crc32, mod_time`

func scanFile(r row) (f upload.File, err error) {
	return f, r.Scan(&f.UploadID, &f.Path, &f.Size, &f.SHA256, &f.CRC32, stamp{&f.ModTime})
}

func errNoFile(path string) error {
	return problem.NotFound("There is no file or folder %q in the upload.", path)
}

func (s uploadStore) File(ctx context.Context, uploadID, path string) (upload.File, error) {
	f, err := one(ctx, s.engine.reader(), scanFile,
		`select `+fileColumns+` from files where upload_id = $1 and path = $2 and is_file`, uploadID, path)
	if errors.Is(err, sql.ErrNoRows) {
		return f, errNoFile(path)
	}
	return f, err
}

func (s uploadStore) Dir(ctx context.Context, uploadID, dir string, offset, limit int) (page upload.DirPage, err error) {
	err = s.engine.snapshot(ctx, func(q querier) error {
		if page.Size, err = dirSize(ctx, q, uploadID, dir); err != nil {
			return err
		}
		total, err := one(ctx, q, scanInt, `select count(*) from files where upload_id = $1 and parent = $2`, uploadID, dir)
		if err != nil {
			return fmt.Errorf("count children: %w", err)
		}
		page.Total = int(total)
		if limit <= 0 {
			return nil
		}
		scan := func(r row) (e upload.DirEntry, err error) {
			var full string
			err = r.Scan(&full, &e.IsFile, &e.Size, &e.SHA256, stamp{&e.ModTime})
			e.Name = path.Base(full)
			return e, err
		}
		// Within a folder the order of paths is the order of names.
		page.Entries, err = list(ctx, q, scan, `select path, is_file, size, sha256, mod_time from files
			where upload_id = $1 and parent = $2 order by path limit $3 offset $4`, uploadID, dir, limit, offset)
		return err
	})
	return page, err
}

// dirSize gives the sum of the files below a directory, or Missing when there is none.
func dirSize(ctx context.Context, q querier, uploadID, dir string) (size int64, err error) {
	if dir == "" {
		size, err = one(ctx, q, scanInt, `select bytes from uploads where id = $1`, uploadID)
	} else {
		size, err = one(ctx, q, scanInt, `select size from files where upload_id = $1 and path = $2 and not is_file`, uploadID, dir)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errNoFile(dir)
	}
	return size, err
}

func (s uploadStore) Tree(ctx context.Context, uploadID, dir string) ([]upload.File, error) {
	if dir == "" {
		return list(ctx, s.engine.reader(), scanFile,
			`select `+fileColumns+` from files where upload_id = $1 and is_file order by path`, uploadID)
	}
	first, end := below(dir)
	return list(ctx, s.engine.reader(), scanFile, `select `+fileColumns+` from files
		where upload_id = $1 and path >= $2 and path < $3 and is_file order by path`, uploadID, first, end)
}

func (s uploadStore) Folders(ctx context.Context, uploadID, dir string) ([]string, error) {
	if dir == "" {
		return list(ctx, s.engine.reader(), scanText,
			`select path from files where upload_id = $1 and not is_file order by path`, uploadID)
	}
	first, end := below(dir)
	return list(ctx, s.engine.reader(), scanText, `select path from files
		where upload_id = $1 and path >= $2 and path < $3 and not is_file order by path`, uploadID, first, end)
}

// below gives the range of the paths inside a directory: "0" is the character after "/".
func below(dir string) (first, end string) { return dir + "/", dir + "0" }

// bytesOf is BytesOf without a lock.
func bytesOf(ctx context.Context, q querier, userID string) (int64, error) {
	if userID == "" {
		return one(ctx, q, scanInt, `select coalesce(sum(bytes), 0) from uploads`)
	}
	return one(ctx, q, scanInt, `select coalesce(sum(bytes), 0) from uploads where main_author = $1`, userID)
}

func (s uploadStore) BytesOf(ctx context.Context, userID string) (int64, error) {
	return bytesOf(ctx, s.engine.reader(), userID)
}

func (t uploadTx) BytesOf(ctx context.Context, userID string) (int64, error) {
	if err := t.lock(ctx, "bytes of "+userID); err != nil {
		return 0, err
	}
	return bytesOf(ctx, t, userID)
}
