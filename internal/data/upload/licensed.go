package upload

import (
	"context"
	"fmt"
	"strings"

	"oasis/internal/data/upload/potcar"
	"oasis/internal/problem"
)

// stripping is what publishing does to licensed files: each is removed, and a file
// without what may not be shared stands beside its place.
type stripping struct {
	made *arrival
	// gone are the paths of the originals.
	gone []string
}

// stripLicensed stages what is left of the licensed files of an upload. The caller
// holds the upload's lock and discards what was made.
func (s *Service) stripLicensed(ctx context.Context, id string) (strip *stripping, err error) {
	strip = &stripping{made: &arrival{service: s, uploadID: id}}
	if s.limits().ShareLicensed {
		return strip, nil
	}
	files, err := s.store.Tree(ctx, id, "")
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	taken := map[string]bool{}
	for i := range files {
		if strings.HasSuffix(files[i].Path, potcar.Suffix) {
			taken[files[i].Path] = true
		}
	}
	defer func() {
		if err != nil {
			strip.made.discard(ctx)
		}
	}()
	for i := range files {
		at := files[i].Path
		if !potcar.Licensed(at) {
			continue
		}
		strip.gone = append(strip.gone, at)
		if beside := at + potcar.Suffix; !taken[beside] && !potcar.Licensed(beside) {
			if err := s.strip(ctx, strip.made, id, at, beside); err != nil {
				return nil, fmt.Errorf("strip %q: %w", at, err)
			}
		}
	}
	return strip, strip.made.settle(ctx)
}

// strip stages one stripped file.
func (s *Service) strip(ctx context.Context, a *arrival, id, from, to string) error {
	if s.stuck.touches(id, from) {
		return unfinished()
	}
	whole, err := s.files.Open(ctx, id, from)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer whole.Close()
	left, err := potcar.Strip(ctx, whole)
	if err != nil {
		return err
	}
	defer left.Close()
	staged, err := a.stage(ctx, left, -1)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	a.parts++
	a.add(File{Path: to, Size: staged.Size, SHA256: staged.SHA256, CRC32: staged.CRC32, ModTime: s.now().UTC()}, staged.Name)
	if staged.Body != nil {
		if a.bodies == nil {
			a.bodies = map[string][]byte{}
		}
		a.bodies[staged.Name] = staged.Body
	}
	return nil
}

// store changes the rows and gives the promises about the disk.
func (p *stripping) store(ctx context.Context, tx Tx, id string) ([]Intent, error) {
	var intents []Intent
	for i := range p.made.files {
		f := &p.made.files[i]
		staged := p.made.staged[i]
		intents = append(intents, Intent{UploadID: id, Kind: Place, Staged: staged, Path: f.Path, SHA256: f.SHA256, Body: p.made.bodies[staged]})
	}
	if len(p.made.files) > 0 {
		if err := tx.PutFiles(ctx, id, p.made.files); err != nil {
			return nil, fmt.Errorf("store stripped files: %w", err)
		}
	}
	for _, at := range p.gone {
		err := tx.DeletePath(ctx, id, at)
		if problem.Is(err, problem.Missing) { // by another server process
			return nil, problem.Clash(textChanged)
		}
		if err != nil {
			return nil, fmt.Errorf("delete the row of a licensed file: %w", err)
		}
	}
	return append(intents, p.made.service.removals(id, p.gone)...), nil
}

// mostNamed is how many files a warning names.
const mostNamed = 10

// warnings tell what was left out, for the page of the upload.
func (p *stripping) warnings() []string {
	if len(p.gone) == 0 {
		return nil
	}
	named := p.gone[:min(len(p.gone), mostNamed)]
	more := ""
	if n := len(p.gone) - len(named); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return []string{fmt.Sprintf("POTCAR files may not be shared, so these were left out; what may be shared of each is in the file with %s after its name: %s%s.",
		potcar.Suffix, strings.Join(named, ", "), more)}
}
