package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func (t uploadTx) PutFiles(ctx context.Context, uploadID string, files []upload.File) error {
	byPath := make(map[string]*upload.File, len(files))
	for i := range files {
		byPath[files[i].Path] = &files[i]
	}
	c := fileChange{tx: t.tx, uploadID: uploadID, sizes: map[string]int64{}}
	return c.put(ctx, byPath)
}

// lookUpAtOnce is how many paths one statement asks for.
const lookUpAtOnce = 500

func (t uploadTx) TakenPath(ctx context.Context, uploadID string, paths []string) (string, error) {
	for part := range slices.Chunk(paths, lookUpAtOnce) {
		var q statement
		q.add(`select path from files where upload_id = ? and is_file and path in (`, uploadID)
		for i, path := range part {
			if i > 0 {
				q.add(`, `)
			}
			q.add(`?`, path)
		}
		q.add(`) order by path limit 1`)
		taken, err := one(ctx, t, scanText, q.String(), q.args...)
		if !errors.Is(err, sql.ErrNoRows) {
			return taken, err
		}
	}
	return "", nil
}

func (t uploadTx) PutDir(ctx context.Context, uploadID, path string) error {
	c := fileChange{tx: t.tx, uploadID: uploadID, sizes: map[string]int64{path: 0}}
	c.above(path, 0)
	if err := c.lockUpload(ctx); err != nil {
		return err
	}
	return c.lookAndMakeDirs(ctx)
}

// fileChange changes the files of one upload and keeps the sums right.
type fileChange struct {
	*tx
	uploadID string
	// sizes are the directories that are needed, with what is added to their size.
	sizes map[string]int64
	// files and bytes are added to those of the upload.
	files, bytes int64
}

// lockUpload makes changes of one upload wait for each other, and refuses when there is none.
func (c *fileChange) lockUpload(ctx context.Context) error {
	_, err := one(ctx, c.tx, scanInt, `select 1 from uploads where id = $1`+c.db.engine.forUpdate(), c.uploadID)
	if errors.Is(err, sql.ErrNoRows) {
		return upload.NotFound()
	}
	return err
}

// above adds to the size of all directories above a path; the root has no row.
func (c *fileChange) above(path string, size int64) {
	for dir := parent(path); dir != ""; dir = parent(dir) {
		c.sizes[dir] += size
	}
}

// parent is the directory of a path, "" for the root.
func parent(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

func (c *fileChange) put(ctx context.Context, files map[string]*upload.File) error {
	// Where there is only one transaction at a time, count tells soon enough that there is no upload.
	if c.db.engine.forUpdate() != "" {
		if err := c.lockUpload(ctx); err != nil {
			return err
		}
	}
	paths := slices.Sorted(maps.Keys(files))
	for _, path := range paths {
		c.above(path, 0)
	}
	there, err := c.look(ctx, slices.Concat(paths, slices.Collect(maps.Keys(c.sizes))))
	if err != nil {
		return err
	}
	rows := make([][]any, 0, len(files))
	for _, path := range paths {
		f, old := files[path], there[path]
		switch {
		case old == nil:
			c.files++
			old = &node{}
		case !old.isFile:
			return errIsDir(path)
		}
		if _, isDir := c.sizes[path]; isDir {
			return errBelowFile(path)
		}
		c.bytes += f.Size - old.size
		c.above(path, f.Size-old.size)
		rows = append(rows, []any{c.uploadID, path, parent(path), f.Size, f.SHA256, int64(f.CRC32), micros(f.ModTime)})
	}
	if err := c.makeDirs(ctx, there); err != nil {
		return err
	}
	err = execEach(ctx, c.querier, `insert into files (upload_id, path, parent, is_file, size, sha256, crc32, mod_time)
		values ($1, $2, $3, true, $4, $5, $6, $7) on conflict (upload_id, path) do update set
		size = excluded.size, sha256 = excluded.sha256, crc32 = excluded.crc32, mod_time = excluded.mod_time`, rows)
	if err != nil {
		return fmt.Errorf("store rows of files: %w", err)
	}
	return c.count(ctx)
}

// node is what is at a path.
type node struct {
	isFile bool
	size   int64
}

// look tells what is at some paths.
func (c *fileChange) look(ctx context.Context, paths []string) (map[string]*node, error) {
	there := map[string]*node{}
	err := each(ctx, c.tx, func(r row) error {
		var path string
		var n node
		if err := r.Scan(&path, &n.isFile, &n.size); err != nil {
			return err
		}
		there[path] = &n
		return nil
	}, `select path, is_file, size from files where upload_id = $1 and path`+c.db.engine.in("$2"), c.uploadID, array(paths))
	if err != nil {
		return nil, fmt.Errorf("look for files and folders: %w", err)
	}
	return there, nil
}

func errIsDir(path string) error {
	return problem.Bad("%q is a folder; a file cannot have the same path. Choose another name, or delete the folder first.", path)
}

func errBelowFile(path string) error {
	return problem.Bad("%q is a file; it cannot also be a folder. Choose another folder, or delete the file first.", path)
}

// lookAndMakeDirs is makeDirs for who has not looked.
func (c *fileChange) lookAndMakeDirs(ctx context.Context) error {
	if len(c.sizes) == 0 {
		return nil
	}
	there, err := c.look(ctx, slices.Collect(maps.Keys(c.sizes)))
	if err != nil {
		return err
	}
	return c.makeDirs(ctx, there)
}

// makeDirs makes the directories in sizes that are not there and adds to the sizes of the others.
func (c *fileChange) makeDirs(ctx context.Context, there map[string]*node) error {
	if len(c.sizes) == 0 {
		return nil
	}
	var insert, update [][]any
	for _, dir := range slices.Sorted(maps.Keys(c.sizes)) {
		switch size, old := c.sizes[dir], there[dir]; {
		case old == nil:
			insert = append(insert, []any{c.uploadID, dir, parent(dir), size, micros(c.db.now())})
		case old.isFile:
			return errBelowFile(dir)
		case size != 0:
			update = append(update, []any{size, c.uploadID, dir})
		}
	}
	err := execEach(ctx, c.querier, `insert into files (upload_id, path, parent, is_file, size, sha256, crc32, mod_time)
		values ($1, $2, $3, false, $4, '', 0, $5)`, insert)
	if err != nil {
		return fmt.Errorf("store rows of folders: %w", err)
	}
	err = execEach(ctx, c.querier, `update files set size = size + $1 where upload_id = $2 and path = $3`, update)
	if err != nil {
		return fmt.Errorf("update sizes of folders: %w", err)
	}
	return nil
}

// count adds to the sums of the upload.
func (c *fileChange) count(ctx context.Context) error {
	n, err := affected(c.ExecContext(ctx, `update uploads set files = files + $1, bytes = bytes + $2 where id = $3`, c.files, c.bytes, c.uploadID))
	if err != nil {
		return fmt.Errorf("update sums of upload: %w", err)
	}
	if n == 0 {
		return upload.NotFound()
	}
	return nil
}

func (t uploadTx) DeletePath(ctx context.Context, uploadID, path string) error {
	c := fileChange{tx: t.tx, uploadID: uploadID, sizes: map[string]int64{}}
	if err := c.lockUpload(ctx); err != nil {
		return err
	}
	// Everything at and below the path; the root is above all paths.
	where, args := `upload_id = $1`, []any{uploadID}
	if path != "" {
		first, end := below(path)
		where, args = `upload_id = $1 and (path = $2 or path >= $3 and path < $4)`, []any{uploadID, path, first, end}
	}
	var rows int64
	err := each(ctx, t, func(r row) error { return r.Scan(&rows, &c.files, &c.bytes) },
		`select count(*), coalesce(sum(case when is_file then 1 else 0 end), 0),
			coalesce(sum(case when is_file then size else 0 end), 0) from files where `+where, args...)
	if err != nil {
		return fmt.Errorf("count what is deleted: %w", err)
	}
	if rows == 0 {
		return errNoFile(path)
	}
	if _, err := t.ExecContext(ctx, `delete from files where `+where, args...); err != nil {
		return fmt.Errorf("delete rows of files: %w", err)
	}
	c.files, c.bytes = -c.files, -c.bytes
	c.above(path, c.bytes)
	if err := c.lookAndMakeDirs(ctx); err != nil {
		return err
	}
	return c.count(ctx)
}
