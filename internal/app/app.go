// Package app builds a server from a configuration and runs it. It is the only
// place that knows every package.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"oasis/internal/access/identity/oidc"
	"oasis/internal/api"
	"oasis/internal/config"
	"oasis/internal/store/sqlstore"
)

// Options say what to build.
type Options struct {
	// Config was loaded from Sources; changes there are put in force while the server runs.
	Config  *config.Config
	Sources config.Options
	DataDir string
	// Listen is the address of the server, host:port; port 0 picks a free one.
	Listen string
	Log    *slog.Logger
	// Console gets what the operator must see once: the first-run link and where the page is.
	Console io.Writer
	Version string
	// Now is the clock; nil = time.Now.
	Now func() time.Time
}

// App is a server. Make it with New, run it once with Run.
type App struct {
	opts     Options
	core     *core
	handler  *api.Server
	listener net.Listener
	admin    net.Listener
	// figures and the listener they are served on, nil without metrics.listen.
	figures         *meters
	metricsListener net.Listener
}

// Times of the server's own life.
const (
	// stopWithin bounds a stop: requests and jobs may take this long to end (product contract: 30 s in all).
	stopWithin      = 20 * time.Second
	headerTimeout   = 20 * time.Second
	idleTimeout     = 2 * time.Minute
	settleEvery     = time.Second
	flushEvery      = 5 * time.Second
	pruneEvery      = time.Hour
	giveBackEvery   = 5 * time.Second
	maxHeaderBytes  = 64 << 10
	shutdownTimeout = 5 * time.Second
)

// New takes the data directory, opens the stores, repairs what a crash has left
// and listens; nothing is served before Run.
func New(ctx context.Context, opts Options) (_ *App, err error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	dir, err := openDir(opts)
	if err != nil {
		return nil, err
	}
	a := &App{opts: opts}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.core, err = openCore(ctx, dir, opts); err != nil {
		return nil, err
	}
	if err := a.core.uploads.Recover(ctx, warnOf(ctx, opts.Log)); err != nil {
		return nil, fmt.Errorf("repair after the last stop: %w", err)
	}
	if err := a.core.processing.Recover(ctx, a.core.enqueueProcessing); err != nil {
		return nil, fmt.Errorf("take up unfinished processing: %w", err)
	}
	if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", opts.Listen); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", opts.Listen, err)
	}
	a.core.settings.listening(visited(opts.Listen, a.listener.Addr().String()))
	if a.metricsListener, err = listenMetrics(ctx, opts.Config.Metrics.Listen); err != nil {
		return nil, err
	}
	if a.metricsListener != nil {
		a.figures = newMeters(a.core, opts.Version)
	}
	if a.handler, err = a.newHandler(); err != nil {
		return nil, err
	}
	if a.admin, err = listenAdmin(ctx, dir, a.core.socket()); err != nil {
		return nil, err
	}
	return a, nil
}

// warnOf tells the operator what a repair could not do. It does not stop the start:
// one lost file must not take everybody's data off the net.
func warnOf(ctx context.Context, log *slog.Logger) func(error) {
	return func(err error) {
		log.ErrorContext(ctx, "a stored change could not be finished after the last stop; it is kept and tried again", "err", err)
	}
}

// visited is the address asked for, by the name that was given, with the port that came of it.
func visited(asked, bound string) string {
	host, _, err := net.SplitHostPort(asked)
	_, port, boundErr := net.SplitHostPort(bound)
	if err != nil || boundErr != nil {
		return bound
	}
	return net.JoinHostPort(host, port)
}

// Addr is the address the server listens on.
func (a *App) Addr() string { return a.listener.Addr().String() }

// MetricsAddr is the address on which the metrics are served, "" without metrics.listen.
func (a *App) MetricsAddr() string {
	if a.metricsListener == nil {
		return ""
	}
	return a.metricsListener.Addr().String()
}

// Routes gives the route table that is served, for tests that go through all of it.
func (a *App) Routes() []api.Route { return a.handler.Routes() }

// Run serves until ctx ends, then stops taking requests, lets running ones and
// jobs end or puts them back, and closes the stores.
func (a *App) Run(ctx context.Context) error {
	a.greet()
	g, loops := errgroup.WithContext(ctx)
	server := &http.Server{
		Handler: a.handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(a.opts.Log.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(a.core.inbox.Stop) // a stop waits for requests, and streams have no end of their own
	admin := &http.Server{Handler: adminHandler(a.core.admin()), ReadHeaderTimeout: headerTimeout}
	serve := func(s *http.Server, l net.Listener) func() error {
		return func() error {
			if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				return fmt.Errorf("serve: %w", err)
			}
			return nil
		}
	}
	g.Go(serve(server, limitConnections(a.listener, a.opts.Config.Limits.Connections, a.opts.Config.Services.TrustedProxies)))
	g.Go(serve(admin, a.admin))
	servers := []*http.Server{server, admin}
	if a.figures != nil {
		figures := a.figures.server(a.opts.Log)
		servers = append(servers, figures)
		g.Go(serve(figures, a.metricsListener))
	}
	g.Go(func() error { return a.core.queue.Run(loops) })
	g.Go(func() error { return a.warmUp(loops) })
	g.Go(func() error { return a.core.settings.follow(loops) })
	g.Go(func() error { return a.followAccess(loops) })
	g.Go(func() error { return a.keepAlive(loops) })
	g.Go(func() error { return a.every(loops, settleEvery, a.core.uploads.Settle) })
	g.Go(func() error { return a.every(loops, flushEvery, a.core.flush) })
	g.Go(func() error { return a.every(loops, auditEvery, a.core.audit.Flush) })
	g.Go(func() error { return a.every(loops, pruneEvery, a.core.prune) })
	if x := a.core.external; x != nil {
		g.Go(func() error { return a.every(loops, oidc.CheckEvery, x.people.Refresh) })
	}
	g.Go(func() error { return a.every(loops, giveBackEvery, new(memory).giveBack) })
	g.Go(func() error {
		<-loops.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(loops), stopWithin)
		defer cancel()
		var errs []error
		for _, s := range servers {
			errs = append(errs, closeServer(stop, s))
		}
		return errors.Join(errs...)
	})
	err := g.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	return errors.Join(err, a.core.uploads.Settle(last), a.core.flush(last), a.core.audit.Flush(last), a.Close())
}

// followAccess lets changes that others make in the database hold at once: today an
// administrator's own SQL, and other servers when a database may be shared.
func (a *App) followAccess(ctx context.Context) error {
	linked := false
	return a.core.db.Follow(ctx, sqlstore.Listener{Access: func(userID string) {
		if userID == "" {
			a.core.authenticator.ForgetAll()
		} else {
			a.core.authenticator.Forget(userID)
		}
	}, Settings: func() { a.core.settings.reread(ctx, false) }, Link: func(lost error) {
		a.core.authenticator.Link(lost == nil)
		if now := lost == nil; now != linked { // said once, not at each try
			linked = now
			if now {
				a.opts.Log.InfoContext(ctx, "changes made by others in the database are heard; caches are in use")
			} else {
				a.opts.Log.WarnContext(ctx, "changes made by others in the database are not heard; caches are not in use until they are", "err", lost)
			}
		}
	}})
}

// warmUp builds the search index while nobody has searched yet. The first search
// would do the same, only slower for whoever asks it.
func (a *App) warmUp(ctx context.Context) error {
	if err := a.core.index.Refresh(ctx); err != nil && ctx.Err() == nil {
		a.opts.Log.ErrorContext(ctx, "the search index cannot be built; the next search tries again", "err", err)
	}
	return nil
}

// closeServer lets running requests end and then cuts what is left.
func closeServer(ctx context.Context, s *http.Server) error {
	if err := s.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("some requests were cut: %w", err), s.Close())
	}
	return nil
}

// every does work again and again until ctx ends. A failure is logged and tried
// again the next time: these loops are housekeeping.
func (a *App) every(ctx context.Context, interval time.Duration, work func(context.Context) error) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := work(ctx); err != nil && ctx.Err() == nil {
				a.opts.Log.ErrorContext(ctx, "housekeeping failed", "err", err)
			}
		}
	}
}

// greet tells the operator where the page is and, before the set-up, the link
// that only the operator can know.
func (a *App) greet() {
	if a.opts.Console == nil {
		return
	}
	page := a.opts.Config.PublicURL() + "/gui/"
	if secret := a.core.people.NewSetUpSecret(); secret != "" {
		fmt.Fprintf(a.opts.Console, "\nThis Oasis is not set up yet and closed to everyone. Open this link to set it up (it works once):\n\n  %ssetup#%s\n\n", page, secret)
		return
	}
	fmt.Fprintf(a.opts.Console, "Oasis is ready: %s\n", page)
}

// Close gives everything back. It may be called on a half-built App.
func (a *App) Close() error {
	var errs []error
	for _, l := range []net.Listener{a.listener, a.admin, a.metricsListener} {
		if l != nil {
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if a.core != nil {
		errs = append(errs, a.core.close())
		a.core = nil
	}
	return errors.Join(errs...)
}

// Call does one administrative verb: in the running server of the data
// directory, or here when none runs. Refusals are of type *RefusalError.
func Call(ctx context.Context, opts Options, verb string, in, out any) (err error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if verb != VerbUserAdd { // the one verb that begins a new Oasis
		if _, err := os.Stat(filepath.Join(opts.DataDir, lockFile)); errors.Is(err, fs.ErrNotExist) {
			return &RefusalError{Text: fmt.Sprintf("There is no Oasis in %s. Name its folder with --data DIR; `oasis serve` makes a new one.", opts.DataDir)}
		}
	}
	if opts.shared() {
		if err := callSocket(ctx, opts.DataDir, verb, in, out); !errors.Is(err, errNoServer) {
			return err
		}
	}
	dir, err := openDir(opts)
	if errors.Is(err, ErrInUse) {
		return callSocket(ctx, opts.DataDir, verb, in, out)
	}
	if err != nil {
		return err
	}
	c, err := openCore(ctx, dir, opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.uploads.Recover(ctx, warnOf(ctx, opts.Log)); err != nil {
		return fmt.Errorf("repair after the last stop: %w", err)
	}
	answer := c.admin().answer(ctx, verb, in)
	if err := errors.Join(c.uploads.Settle(ctx), c.audit.Flush(ctx)); err != nil {
		return fmt.Errorf("put things in order: %w", err)
	}
	return answer.decode(out)
}
