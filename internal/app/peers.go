package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/store/sqlstore"
)

// Several servers on one PostgreSQL database and one data directory (docs/adr/0007).

const (
	// serversDir has a file and an admin socket of each server, under its name.
	serversDir   = "servers"
	socketSuffix = ".sock"
	// settingsLock is held by the server that changes the settings.
	settingsLock = "settings.lock"
	// beatWithin bounds one sign of life: the next one is due.
	beatWithin   = 5 * time.Second
	leaveWithin  = 5 * time.Second
	nameOfServer = 12 // letters
)

// shared tells whether other servers use the database and the data directory too.
func (o *Options) shared() bool { return o.Config != nil && o.Config.Database.Shared }

// openDir takes the data directory in the way the configuration asks for.
func openDir(opts Options) (*DataDir, error) {
	if opts.shared() {
		return OpenSharedDataDir(opts.DataDir)
	}
	return OpenDataDir(opts.DataDir)
}

// join makes this process one of the servers of the database. All of them must see
// the same files: each puts a file into the data directory before it is in the
// database, and looks there for those of the others.
func (c *core) join(ctx context.Context) (err error) {
	name := strings.ToLower(rand.Text()[:nameOfServer])
	if err := c.dir.claim(name); err != nil {
		return fmt.Errorf("join the servers of the data directory: %w", err)
	}
	if c.peers, err = c.db.Join(ctx, name); err != nil {
		return errors.Join(err, c.dir.unclaim(name))
	}
	others, err := c.peers.Others(ctx)
	if err != nil {
		return fmt.Errorf("look for other servers: %w", err)
	}
	for other, host := range others {
		if _, err := os.Stat(c.dir.Join(serversDir + "/" + other)); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("a server on this database (%s) has another data directory: %s is not the same folder but a copy. "+
				"Servers that share a database share the folder too, for example by NFS; if that server is gone, wait %s and try again",
				host, c.dir.Path, sqlstore.DeadAfter)
		}
	}
	c.settings.tell = func(ctx context.Context) {
		if err := c.db.TellSettings(ctx); err != nil {
			c.settings.log.WarnContext(ctx, "other servers follow the settings late", "err", err)
		}
	}
	return nil
}

// serverName is the name of this process among the servers, "" when it is the only one.
func (c *core) serverName() string {
	if c.peers == nil {
		return ""
	}
	return c.peers.Name()
}

// socket is the admin socket of this server, in the data directory.
func (c *core) socket() string {
	if c.peers == nil {
		return socketFile
	}
	return serversDir + "/" + c.peers.Name() + socketSuffix
}

// leave takes this process out of the servers.
func (c *core) leave() error {
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	name := c.peers.Name()
	err := c.peers.Leave(ctx)
	c.peers = nil
	return errors.Join(err, c.dir.unclaim(name))
}

// keepAlive gives signs of life and puts the things of servers in order that give none
// any more. It ends with an error when the others have given up this one: what it has
// in memory may not be true any more, and a new start makes it so.
func (a *App) keepAlive(ctx context.Context) error {
	c := a.core
	if c.peers == nil {
		return nil
	}
	ticker := time.NewTicker(sqlstore.BeatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := a.beat(ctx)
		switch {
		case upload.IsGivenUp(err):
			return fmt.Errorf("%w; this process gave no sign of life for %s and ends, start it again", err, sqlstore.DeadAfter)
		case err != nil && ctx.Err() == nil:
			a.opts.Log.ErrorContext(ctx, "the other servers cannot be told that this one lives; they give it up after a while", "err", err)
		}
	}
}

func (a *App) beat(ctx context.Context) error {
	c := a.core
	within, cancel := context.WithTimeout(ctx, beatWithin)
	defer cancel()
	dead, err := c.peers.Beat(within)
	if err == nil {
		err = c.people.LookForAdmin(within) // the set-up may have ended on another server
	}
	for _, name := range dead {
		a.opts.Log.WarnContext(ctx, "a server that shares the database has died; its unfinished changes are finished here", "server", name)
		if err := c.dir.unclaim(name); err != nil {
			a.opts.Log.WarnContext(ctx, "the files of a server that has died stay", "err", err)
		}
	}
	if len(dead) > 0 {
		a.inherit(ctx)
	}
	return err
}

// inherit finishes what servers that are gone have left. It may take longer than the
// time between two signs of life, and signs go on meanwhile.
func (a *App) inherit(ctx context.Context) {
	c := a.core
	c.inheriting.Go(func() {
		if err := c.uploads.Recover(ctx, warnOf(ctx, a.opts.Log)); err != nil && ctx.Err() == nil {
			a.opts.Log.ErrorContext(ctx, "the changes of a server that has died could not be finished; the next start tries again", "err", err)
		}
	})
}

// claim tells other servers of the data directory that this one is on the same folder.
func (d *DataDir) claim(name string) error {
	if err := os.MkdirAll(d.Join(serversDir), 0o700); err != nil {
		return err
	}
	return os.WriteFile(d.Join(serversDir+"/"+name), nil, 0o600)
}

// unclaim removes what a server has put into the data directory.
func (d *DataDir) unclaim(name string) error {
	var errs []error
	for _, path := range []string{name, name + socketSuffix} {
		if err := os.Remove(d.Join(serversDir + "/" + path)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// lockSettings waits until no other server changes the settings.
func (d *DataDir) lockSettings() (release func(), err error) {
	f, err := os.OpenFile(d.Join(settingsLock), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of the settings: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the settings: %w", err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}
