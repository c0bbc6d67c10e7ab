package sqlstore

import (
	"context"
	"fmt"
	"time"

	"oasis/internal/data/upload"
)

// What changes an upload on its way from the first byte to the public.

func (t uploadTx) SetIncluded(ctx context.Context, uploadID string, in *upload.Included) error {
	if in == nil {
		in = &upload.Included{}
	}
	n, err := affected(t.ExecContext(ctx, `update uploads set included_query = $1, included_at = $2 where id = $3`,
		string(in.Query), micros(in.At), uploadID))
	if err == nil && n == 0 {
		return upload.NotFound()
	}
	return err
}

// DropEmptyDirs finds the directories that hold no file among what has no size: few
// rows even where there are 100,000 files.
func (t uploadTx) DropEmptyDirs(ctx context.Context, uploadID string) ([]string, error) {
	scan := func(r row) (f upload.DirEntry, err error) { return f, r.Scan(&f.Name, &f.IsFile) }
	all, err := list(ctx, t, scan, `select path, is_file from files where upload_id = $1 and size = 0 order by path desc`, uploadID)
	if err != nil {
		return nil, fmt.Errorf("list what has no size: %w", err)
	}
	// In this order a directory comes after what is in it.
	filled, empty := map[string]bool{}, map[string]bool{}
	var rows [][]any
	for _, f := range all {
		if f.IsFile || filled[f.Name] {
			filled[parent(f.Name)] = true
			continue
		}
		empty[f.Name] = true
		rows = append(rows, []any{uploadID, f.Name})
	}
	var top []string
	for dir := range empty {
		if !empty[parent(dir)] {
			top = append(top, dir)
		}
	}
	if err := execEach(ctx, t.querier, `delete from files where upload_id = $1 and path = $2`, rows); err != nil {
		return nil, fmt.Errorf("delete rows of empty folders: %w", err)
	}
	return top, nil
}

func (t uploadTx) ForgetInputs(ctx context.Context, uploadID string) error {
	_, err := t.ExecContext(ctx, `update entries set input_key = '' where upload_id = $1`, uploadID)
	return err
}

func (t uploadTx) Waiting(ctx context.Context, kind, key string) (bool, error) {
	return t.waits(ctx, kind, key)
}

func (t uploadTx) StopJobs(ctx context.Context, kind, uploadID string) error {
	if _, err := t.ExecContext(ctx, `delete from jobs where kind = $1 and key = $2 and state = 'queued'`, kind, uploadID); err != nil {
		return fmt.Errorf("delete waiting jobs: %w", err)
	}
	n, err := affected(t.ExecContext(ctx, `update uploads set stops = stops + 1 where id = $1`, uploadID))
	if err == nil && n == 0 {
		return upload.NotFound()
	}
	return err
}

func (s uploadStore) EndedEmbargoes(ctx context.Context, now time.Time) ([]string, error) {
	return list(ctx, s.engine.reader(), scanText, `select id from uploads
		where embargo_end <> 0 and embargo_end <= $1 order by embargo_end, id`, micros(now))
}

func (s processingStore) Stops(ctx context.Context, uploadID string) (int, error) {
	n, err := list(ctx, s.engine.reader(), scanInt, `select stops from uploads where id = $1`, uploadID)
	if err != nil {
		return 0, err
	}
	if len(n) == 0 {
		return 0, upload.NotFound()
	}
	return int(n[0]), nil
}

// includedQuery scans the query of Upload.Included, "" = there is none.
type includedQuery struct{ to **upload.Included }

func (i includedQuery) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a query is stored as %T", v)
	}
	if *i.to = nil; text != "" {
		*i.to = &upload.Included{Query: []byte(text)}
	}
	return nil
}

// includedAt scans its time; the query comes before.
type includedAt struct{ to **upload.Included }

func (i includedAt) Scan(v any) error {
	if *i.to == nil {
		return nil
	}
	return stamp{&(*i.to).At}.Scan(v)
}
