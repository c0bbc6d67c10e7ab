package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/admission"
	"oasis/internal/access/audit"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/token"
	"oasis/internal/config"
	"oasis/internal/data/bundle"
	"oasis/internal/data/edit"
	"oasis/internal/data/entry"
	"oasis/internal/data/inbox"
	"oasis/internal/data/receipt"
	"oasis/internal/data/share"
	"oasis/internal/data/transfer"
	"oasis/internal/data/upload"
	"oasis/internal/store/filestore"
	"oasis/internal/store/searchindex"
	"oasis/internal/store/sqlstore"
	"oasis/internal/work/jobs"
	"oasis/internal/work/parser/all"
	"oasis/internal/work/processing"
	"oasis/internal/work/sending"
)

// core is everything but HTTP: the stores and the services over them.
type core struct {
	dir   *DataDir
	db    *sqlstore.DB
	files *filestore.Store
	peers *sqlstore.Peers // nil when this is the only server

	settings      *settings
	admissions    *admission.Service
	telling       sync.WaitGroup // mails under way
	inheriting    sync.WaitGroup // repairs after other servers under way
	audit         *audit.Log
	people        *identity.Service
	provider      *local.Provider
	external      *external // nil without one
	oauth         *local.OAuth
	groups        *group.Service
	shares        *share.Service
	tokens        *token.Service
	authenticator *access.Authenticator
	usage         *token.UsageLog
	legacy        *token.Legacy
	inbox         *inbox.Service
	receipts      *receipt.Signer
	transfers     *transfer.Service
	bundles       *bundle.Service
	sending       *sending.Service
	uploads       *upload.Service
	edits         *edit.Service
	index         *searchindex.Index
	entries       *entry.Service
	reader        *entry.Reader
	processing    *processing.Service
	queue         *jobs.Queue
}

// openCore opens the stores in a locked data directory and joins the services.
// It takes over the directory: on an error, and by close, it is given back.
func openCore(ctx context.Context, dir *DataDir, opts Options) (_ *core, err error) {
	c := &core{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	cfg := opts.Config
	if err := config.EnsureSecret(dir.Path, cfg); err != nil {
		return nil, err
	}
	if c.settings, err = newSettings(dir, opts); err != nil {
		return nil, err
	}
	if c.db, err = sqlstore.Open(ctx, sqlstore.Config{URL: cfg.Database.URL, Path: dir.Join("oasis.db"), DataDir: dir.ID, Shared: cfg.Database.Shared, Now: opts.Now}); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if cfg.Database.Shared {
		if err := c.join(ctx); err != nil {
			return nil, err
		}
	}
	if c.files, err = filestore.Open(dir.Join("files"), filestore.Options{FreeFloor: c.freeFloor, Name: c.serverName()}); err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	if err := c.openAccess(ctx, opts); err != nil {
		return nil, err
	}
	c.openData(opts)
	if c.receipts, err = receipt.NewSigner(ctx, c.db.Receipts(), opts.Config.Services.APISecret, opts.Now); err != nil {
		return nil, err
	}
	return c, nil
}

// openAccess joins what decides who may come in.
func (c *core) openAccess(ctx context.Context, opts Options) (err error) {
	c.audit = audit.NewLog(c.db.Audit(), opts.Now)
	c.settings.audit = c.audit
	c.db.OnNoted(c.audit.Saw)
	people := c.db.Identity()
	forget := func(userID string) { c.authenticator.Forget(userID) }
	if c.people, err = identity.NewService(ctx, people, forget, opts.Now); err != nil {
		return fmt.Errorf("open accounts: %w", err)
	}
	c.people.RecordTo(c.audit)
	c.admissions = c.admissionService(opts.Log, opts.Now)
	if err := c.openProvider(ctx, opts); err != nil {
		return fmt.Errorf("open identity provider: %w", err)
	}
	c.tokens = &token.Service{
		Store: c.db.Tokens(), Changed: forget, Now: opts.Now,
		Limits: func() token.Limits { return tokenLimitsOf(c.settings.config()) },
	}
	if err := c.openExternal(opts); err != nil {
		return err
	}
	c.groups = &group.Service{
		Store: c.db.Groups(), People: c.people, Now: opts.Now, Reserved: c.reservedGroup,
		Changed: func(userIDs []string) {
			for _, id := range userIDs {
				forget(id)
			}
		},
	}
	c.shares = &share.Service{Store: c.db.Shares(), People: c.people, Now: opts.Now}
	c.people.Configure(c.peopleConfig(opts.Config.Services.APISecret))
	c.authenticator = access.NewAuthenticator(c.authUsers(), c.db.Tokens(), c.providerOf(), opts.Config.Services.APISecret, opts.Now)
	c.usage = token.NewUsageLog(c.db.Tokens(), opts.Now)
	c.legacy = &token.Legacy{
		APISecret: opts.Config.Services.APISecret, Store: c.db.Tokens(), Now: opts.Now,
		Allowed: func() (upload, simple bool) {
			auth := c.settings.config().Auth
			return auth.AllowUploadTokens, auth.AllowSimpleTokens
		},
		MaxAppLife: func() time.Duration {
			return time.Duration(c.settings.config().Services.AppTokenMaxExpiresIn) * time.Second
		},
	}
	return nil
}

// openData joins what keeps and makes data.
func (c *core) openData(opts Options) {
	limits := func() upload.Limits { return uploadLimitsOf(c.settings.config()) }
	c.uploads = upload.NewService(c.db.Uploads(), c.files, limits, opts.Now)
	c.inbox = inbox.NewService(c.db.Inbox(), opts.Now)
	c.db.OnInbox(c.inbox.Changed)
	c.uploads.DepositTo(c.people)
	c.transfers = &transfer.Service{Store: c.db.Transfers(), People: c.people, Changed: c.groups.Changed, Now: opts.Now}
	if c.peers != nil {
		c.uploads.ShareWith(c.peers)
	}
	c.bundles = c.bundleService(opts.Now)
	c.index = searchindex.New(c.db.Search(), opts.Now)
	c.entries = &entry.Service{Index: c.index, Now: opts.Now}
	c.uploads.FindWith(c.entries)
	c.reader = &entry.Reader{Entries: c.db.Entries(), Uploads: c.db.Uploads(), Archives: c.files}
	c.edits = &edit.Service{
		Store: c.db.Edits(), People: c.people, Groups: c.groups, Entries: c.entries, Now: opts.Now,
		Reserved: func() bool { return c.settings.config().Services.ReservePublishedMetadata },
	}
	c.processing = &processing.Service{
		Store: c.db.Processing(), Raw: c.uploads, Archives: c.uploads, Parsers: all.Parsers(), Now: opts.Now, Log: opts.Log,
		Again: c.enqueueProcessing, Publisher: c.uploads, OfPublished: func() processing.Rules { return rulesOf(c.settings.config()) },
	}
	c.queue = jobs.New(c.db.Jobs(), jobs.Config{Now: opts.Now, Log: opts.Log})
	c.sending = c.sendingService(opts)
	c.queue.Handle(sending.Job, c.sending.Handle, jobs.OnGiveUp(c.sending.GiveUp))
	c.queue.Handle(upload.JobProcess, c.processing.Job, jobs.OnGiveUp(c.processing.GiveUp))
	c.db.OnEnqueue(c.queue.Wake)
}

func (c *core) admin() *admin {
	return &admin{core: c, people: c.people, provider: c.provider, tokens: c.tokens, uploads: c.uploads, audit: c.audit}
}

// freeFloor is how many bytes of the disk stay free for databases and removals.
func (c *core) freeFloor() int64 { return int64(c.settings.config().Services.MinFreeSpace) }

// enqueueProcessing asks for the processing of an upload outside of any other change.
func (c *core) enqueueProcessing(ctx context.Context, uploadID string) error {
	return c.db.Uploads().InTx(ctx, func(tx upload.Tx) error {
		return tx.Enqueue(ctx, upload.JobProcess, uploadID, upload.ProcessArgs{UploadID: uploadID})
	})
}

// prune removes what has ended by time.
func (c *core) prune(ctx context.Context) error {
	_, err := c.tokens.Prune(ctx)
	return errors.Join(err, c.uploads.EndEmbargoes(ctx), c.uploads.PruneDeliveries(ctx), c.pruneData(ctx), c.inbox.Prune(ctx), c.transfers.Prune(ctx), c.people.PruneSessions(ctx), c.provider.Prune(ctx), c.pruneAudit(ctx), c.warnOfEndingTokens(ctx))
}

// flush writes what requests have left for later.
func (c *core) flush(ctx context.Context) error {
	return errors.Join(c.authenticator.Flush(ctx), c.usage.Flush(ctx))
}

// pruneData deletes rows that even the search index of this process has seen.
func (c *core) pruneData(ctx context.Context) error {
	if err := c.index.Refresh(ctx); err != nil {
		return fmt.Errorf("refresh search: %w", err)
	}
	return c.db.Prune(ctx)
}

// close gives everything back, also of a half-built core.
func (c *core) close() error {
	c.telling.Wait()
	c.inheriting.Wait()
	var errs []error
	if c.files != nil {
		errs = append(errs, c.files.Close())
	}
	if c.peers != nil {
		errs = append(errs, c.leave())
	}
	if c.db != nil {
		errs = append(errs, c.db.Close())
	}
	return errors.Join(append(errs, c.dir.Close())...)
}
