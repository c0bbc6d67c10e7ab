package processing

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/work/jobs"
	"oasis/internal/work/normalize"
)

// made is one finished entry.
type made struct {
	entry   entry.Entry
	archive upload.ArchiveBlob
}

// parseAll makes the entries of the plan, several at a time, and stores them in
// batches as they come. Those of a parser level are all stored before those of
// the next level are begun (spec processing.md §4.4).
func (s *Service) parseAll(ctx context.Context, p *plan) error {
	level := func(t task) int { return t.parser.Level() }
	slices.SortStableFunc(p.todo, func(a, b task) int { return cmp.Compare(level(a), level(b)) })
	done := p.total - len(p.todo)
	for rest := p.todo; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(t task) bool { return level(t) != level(rest[0]) })
		if n < 0 {
			n = len(rest)
		}
		if err := s.parse(ctx, p, rest[:n], done); err != nil {
			return err
		}
		done, rest = done+n, rest[n:]
	}
	return nil
}

// parse makes the entries of some tasks; done is how many there are already.
func (s *Service) parse(ctx context.Context, p *plan, todo []task, done int) error {
	g, ctx := errgroup.WithContext(ctx)
	tasks := make(chan task)
	results := make(chan made, s.workers())
	g.Go(func() error {
		defer close(tasks)
		for _, t := range todo {
			select {
			case tasks <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	workers, workerCtx := errgroup.WithContext(ctx)
	for range s.workers() {
		workers.Go(func() error { return s.work(workerCtx, p, tasks, results) })
	}
	g.Go(func() error {
		defer close(results)
		return workers.Wait()
	})
	batches := make(chan []made)
	g.Go(func() error {
		defer close(batches)
		return s.collect(ctx, results, batches)
	})
	g.Go(func() error { return s.storeAll(ctx, p, batches, done) })
	return g.Wait()
}

func (s *Service) work(ctx context.Context, p *plan, tasks <-chan task, results chan<- made) error {
	for t := range tasks {
		m, err := s.one(ctx, p, t)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the main file was removed meanwhile; the next run is queued already
		}
		if err != nil {
			return err
		}
		select {
		case results <- m:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// collect joins results to batches. The next one grows while the one before is stored.
func (s *Service) collect(ctx context.Context, results <-chan made, batches chan<- []made) error {
	var batch []made
	bytes := 0
	send := func() error {
		if len(batch) == 0 {
			return nil
		}
		select {
		case batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		batch, bytes = nil, 0
		return nil
	}
	for m := range results {
		batch = append(batch, m)
		bytes += len(m.archive.JSON)
		if len(batch) >= batchEntries || bytes >= batchBytes {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return send()
}

// storeAll stores batches and tells the progress. A run that is told to stop still
// stores the batch it has taken, so that the next one need not make it again.
func (s *Service) storeAll(ctx context.Context, p *plan, batches <-chan []made, done int) error {
	for batch := range batches {
		done += len(batch)
		if err := s.store(context.WithoutCancel(ctx), p, batch, fmt.Sprintf(messageParsing, done, p.total)); err != nil {
			return err
		}
	}
	return nil
}

// store makes a batch durable: archives first, so that an entry never shows up without one.
func (s *Service) store(ctx context.Context, p *plan, batch []made, message string) error {
	out := Outcome{Process: pending(message), Stops: p.stops}
	blobs := make([]upload.ArchiveBlob, 0, len(batch))
	for _, m := range batch {
		out.Put = append(out.Put, m.entry)
		blobs = append(blobs, m.archive)
	}
	if err := s.Archives.WriteArchives(ctx, p.upload.ID, blobs); err != nil {
		return fmt.Errorf("store archives: %w", err)
	}
	if err := s.Store.SaveOutcome(ctx, p.upload.ID, out); err != nil {
		return fmt.Errorf("store entries: %w", err)
	}
	return nil
}

// one makes one entry. Whatever is wrong with the file fails the entry, never
// the upload; only faults of ours are errors.
func (s *Service) one(ctx context.Context, p *plan, t task) (made, error) {
	now := s.Now().UTC()
	src := s.source(ctx, p, t, now)
	content, err := s.Raw.OpenRaw(ctx, p.upload.ID, t.file.Path)
	if err != nil {
		return made{}, fmt.Errorf("open %q: %w", t.file.Path, err)
	}
	result, err := s.isolated(ctx, t, src, content)
	if err != nil {
		if errors.Is(err, jobs.ErrStuck) {
			p.stuck.Store(true)
		}
		if ctx.Err() != nil {
			return made{}, ctx.Err()
		}
		result = normalize.Failed(src, t.parser.Name(), err)
	}
	return p.made(t, src, result, now)
}

// source describes the main file to the normaliser.
func (s *Service) source(ctx context.Context, p *plan, t task, now time.Time) normalize.Source {
	created := t.createdAt
	if created.IsZero() {
		created = now
	}
	return normalize.Source{
		UploadID: p.upload.ID, EntryID: t.entryID, Mainfile: t.file.Path, EntryCreateTime: created,
		Hash:  upload.EntryHash(t.file.SHA256),
		Files: p.files(t.file.Path), AuthorName: p.author, AuthorAffiliation: p.affiliation,
		Open: func(name string) (io.ReadCloser, error) {
			clean, err := upload.SafePath(name)
			if err != nil {
				return nil, fs.ErrNotExist
			}
			return s.Raw.OpenRaw(ctx, p.upload.ID, clean)
		},
		EntryIDOf: func(mainfile string) string { return upload.EntryID(p.upload.ID, mainfile, "") },
		MainfileOf: func(entryID string) (string, bool) {
			mainfile, ok := p.mainfiles[entryID]
			return mainfile, ok
		},
		Schemas: p.schemas,
		Now:     s.Now,
	}
}

// maxAuxiliary is how many files beside the main file an entry lists (spec processing.md §1).
const maxAuxiliary = 101

// files lists the main file and the files beside it.
func (p *plan) files(mainfile string) []string {
	beside := p.siblings[path.Dir(mainfile)]
	names := make([]string, 1, min(len(beside), maxAuxiliary+1))
	names[0] = mainfile
	for _, name := range beside {
		if len(names) > maxAuxiliary {
			break
		}
		if name != mainfile {
			names = append(names, name)
		}
	}
	return names
}

// made turns a result into what is stored.
func (p *plan) made(t task, src normalize.Source, r *normalize.Result, now time.Time) (made, error) {
	document, err := json.Marshal(r.Document)
	if err != nil {
		return made{}, fmt.Errorf("encode document of %q: %w", t.file.Path, err)
	}
	archive, err := json.Marshal(r.Archive)
	if err != nil {
		return made{}, fmt.Errorf("encode archive of %q: %w", t.file.Path, err)
	}
	process := upload.Process{
		Status: upload.Success, Current: "process_entry", Message: "Archiving", CompleteTime: now, Warnings: r.Warnings,
	}
	if len(r.Errors) > 0 {
		process.Status, process.Errors = upload.Failure, r.Errors
		process.Message = "Process process_entry failed: " + r.Errors[0]
	}
	return made{
		entry: entry.Entry{
			ID: t.entryID, UploadID: p.upload.ID, Mainfile: t.file.Path, ParserName: t.parser.Name(),
			CreateTime: src.EntryCreateTime, LastProcessing: now, Process: process,
			InputKey: p.fullKey(t.key, r.Dependencies), Document: document, Hash: src.Hash,
		},
		archive: upload.ArchiveBlob{EntryID: t.entryID, JSON: archive},
	}, nil
}
