package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"oasis/client"
	"oasis/internal/app"
)

type uploadCommand struct {
	remote
	Paths    []string `arg:"" name:"path" help:"Files and folders; the structure of folders is kept."`
	To       string   `help:"Id of the upload to add to. Default: a new one." placeholder:"UPLOAD_ID" xor:"where"`
	Name     string   `help:"Name of the new upload. Default: that of the only path." xor:"where"`
	Parallel int      `help:"How many files are sent at the same time." default:"4"`
	DryRun   bool     `help:"Only list what would be sent."`
}

// Run sends files. What was sent is remembered until all of it is there: the same
// command goes on after a break, from wherever it was ended.
func (c *uploadCommand) Run(r *run) error {
	if c.Parallel < 1 || c.Parallel > 64 {
		return &app.RefusalError{Text: "--parallel has to be between 1 and 64."}
	}
	files, skipped, err := gather(c.Paths)
	if err != nil {
		return err
	}
	for _, path := range skipped {
		fmt.Fprintf(r.streams.Err, "not sent, it is neither a file nor a folder: %s\n", path)
	}
	if len(files) == 0 {
		return &app.RefusalError{Text: "There is no file to send."}
	}
	if c.DryRun {
		for i := range files {
			fmt.Fprintf(r.streams.Out, "%12d  %s\n", files[i].size, files[i].name)
		}
		fmt.Fprintf(r.streams.Out, "%d files, %s\n", len(files), amount(total(files)))
		return nil
	}
	server, err := c.connect(r)
	if err != nil {
		return err
	}
	j, err := r.openJournal(server.Base(), c.To, c.Name, c.Paths)
	if err != nil {
		return err
	}
	err = c.send(r, server, j, files)
	if err != nil {
		err = errors.Join(err, j.close())
		if r.ctx.Err() != nil || !isRefusal(err) {
			fmt.Fprintln(r.streams.Err, "\nWhat was sent is kept. The same command goes on from there.")
		}
		return explained(err)
	}
	return j.remove()
}

func (c *uploadCommand) send(r *run, server *client.Client, j *journal, files []outgoing) error {
	uploadID, err := c.target(r, server, j)
	if err != nil {
		return err
	}
	s := &sending{server: server, journal: j, uploadID: uploadID, bar: newBar(r.streams.Err, len(files), total(files))}
	defer s.bar.stop()
	g, ctx := errgroup.WithContext(r.ctx)
	g.SetLimit(c.Parallel)
	for _, group := range s.groups(files) {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error { return s.group(ctx, group) })
	}
	err = g.Wait()
	s.bar.stop()
	if err != nil {
		return err
	}
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	fmt.Fprintf(r.streams.Err, "%d files, %s, all with the right checksum\n", len(files), amount(total(files)))
	fmt.Fprintln(r.streams.Out, uploadID)
	return nil
}

// target gives the upload that is sent to, making it when there is none yet.
func (c *uploadCommand) target(r *run, server *client.Client, j *journal) (string, error) {
	if c.To != "" {
		return c.To, nil
	}
	if j.uploadID != "" {
		return j.uploadID, nil
	}
	name := c.Name
	if name == "" && len(c.Paths) == 1 {
		name = filepath.Base(c.Paths[0])
	}
	id, err := server.CreateUpload(r.ctx, name)
	if err != nil {
		return "", err
	}
	return id, j.note(record{UploadID: id})
}

// explained makes a refusal of the server one of ours.
func explained(err error) error {
	var refused *client.Error
	if errors.As(err, &refused) && refused.Status < 500 {
		return &app.RefusalError{Text: refused.Error()}
	}
	return err
}

func isRefusal(err error) bool {
	var refused *client.Error
	return errors.As(err, &refused) && refused.Status < 500
}

// outgoing is a file of this computer.
type outgoing struct {
	local string
	// name is its path in the upload.
	name string
	size int64
	// changed is when it was changed last, in nanoseconds.
	changed int64
}

func total(files []outgoing) (bytes int64) {
	for i := range files {
		bytes += files[i].size
	}
	return bytes
}

// gather lists the files at and below paths. A folder is sent under its own name,
// "." and "DIR/" without it. Links are not followed, and files of the operating
// system are left out.
func gather(paths []string) (files []outgoing, skipped []string, err error) {
	seen := map[string]string{}
	for _, root := range paths {
		prefix := ""
		if clean := filepath.Clean(root); clean != "." && !strings.HasSuffix(root, string(filepath.Separator)) {
			prefix = filepath.Base(clean)
		}
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				return nil
			}
			if isLitter(d.Name()) {
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if path == root { // named itself, perhaps by a link
				if info, err = os.Stat(path); err != nil {
					return err
				}
			}
			if !info.Mode().IsRegular() {
				skipped = append(skipped, path)
				return nil
			}
			below, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(filepath.Join(prefix, below))
			if path == root {
				name = filepath.Base(path)
			}
			if other, twice := seen[name]; twice {
				return &app.RefusalError{Text: fmt.Sprintf("%s and %s would both be %s in the upload. Send them one after another.", other, path, name)}
			}
			seen[name] = path
			files = append(files, outgoing{local: path, name: name, size: info.Size(), changed: info.ModTime().UnixNano()})
			return nil
		})
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, &app.RefusalError{Text: fmt.Sprintf("There is no file or folder %s.", root)}
		}
		if err != nil {
			return nil, nil, fmt.Errorf("look through %s: %w", root, err)
		}
	}
	return files, skipped, nil
}

// isLitter tells what desktops leave behind in folders.
func isLitter(name string) bool {
	switch strings.ToLower(name) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(name, "._")
}

// sending is what the parallel parts share.
type sending struct {
	server   *client.Client
	journal  *journal
	uploadID string
	bar      *bar
}

func (s *sending) group(ctx context.Context, files []outgoing) error {
	if len(files) == 1 {
		return s.file(ctx, &files[0])
	}
	return s.batch(ctx, files)
}
