package upload

import (
	"context"
	"time"

	"oasis/internal/data/inbox"
)

// Order says how GET /uploads sorts; ties go by create time, then id.
type Order string

// The orders of spec uploads.md §6.
const (
	OrderCreateTime  Order = "upload_create_time"
	OrderPublishTime Order = "publish_time"
	OrderName        Order = "upload_name"
	OrderMessage     Order = "last_status_message"
	OrderStatus      Order = "process_status"
)

// NameMatch is one wanted upload name.
type NameMatch struct {
	Value string
	// Fuzzy means a case-insensitive substring instead of equality.
	Fuzzy bool
}

// ListQuery selects and pages uploads (spec uploads.md §6). Empty members do not restrict.
type ListQuery struct {
	// Visible is the object rule; always set.
	Visible Filter
	// Roles restricts to uploads in which Viewer has one of these roles (MainAuthor, Coauthor, Reviewer).
	Roles  []Role
	Viewer Viewer
	// IncludeAll adds uploads that are open to the group "all".
	IncludeAll bool
	IDs        []string
	Names      []NameMatch
	Busy       *bool
	// Attention: true = processing failed, or entries failed or were read only in part; false = none of it.
	Attention   *bool
	Status      Status
	IsPublished *bool
	// IsOwned: true = main author is the viewer, false = is not.
	IsOwned *bool
	OrderBy Order
	Desc    bool
	Offset  int
	Limit   int
}

// IntentKind says what an Intent does to the disk.
type IntentKind string

// The kinds of intents.
const (
	// Place moves a staged file to Path.
	Place IntentKind = "place"
	// Remove deletes the file or directory at Path.
	Remove IntentKind = "remove"
	// Drop deletes everything of the upload.
	Drop IntentKind = "drop"
)

// Intent is a change of the disk that a committed transaction has promised. It
// is carried out right after the commit and again at start-up if the process
// died in between; carrying it out twice changes nothing.
type Intent struct {
	ID       int64
	UploadID string
	Kind     IntentKind
	// Staged names the staged body of a Place, or the place in the trash of a Remove or Drop.
	Staged string
	Path   string
	// SHA256 is the digest of the content of a Place; it tells a promise that a newer one replaced.
	SHA256 string
	// Body of a small file of a Place, see Files; nil when the staged body is durable.
	Body []byte
}

// Promise is what tells that an intent stands: which upload it is about, and which
// staged body or place in the trash it needs.
type Promise struct {
	UploadID string
	Staged   string
}

// DirPage is one page of the children of a directory, files and directories
// mixed, ordered by name.
type DirPage struct {
	Entries []DirEntry
	Total   int
	// Size is the sum of all files below the directory, in bytes.
	Size int64
}

// Store keeps uploads and the rows of their files.
type Store interface {
	// Upload gives one upload, or NotFound.
	Upload(ctx context.Context, id string) (Upload, error)
	// ListUploads gives one page and the total.
	ListUploads(ctx context.Context, q ListQuery) ([]Upload, int, error)
	// CountUnpublished counts the uploads in staging whose main author is the user, without what others deposited.
	CountUnpublished(ctx context.Context, userID string) (int, error)
	// Receipts gives one page of the receipts of a depositor, in the order in which they were stored, and the total.
	Receipts(ctx context.Context, q ReceiptQuery) ([]Receipt, int, error)
	// File gives the row of one file, or a problem of kind Missing.
	File(ctx context.Context, uploadID, path string) (File, error)
	// Dir lists a directory ("" = the root); a problem of kind Missing when there is none. Limit 0 = only counts.
	Dir(ctx context.Context, uploadID, dir string, offset, limit int) (DirPage, error)
	// Tree gives all files below a directory ("" = all), ordered by path.
	Tree(ctx context.Context, uploadID, dir string) ([]File, error)
	// Folders gives all folders below a directory ("" = all), ordered by path.
	Folders(ctx context.Context, uploadID, dir string) ([]string, error)
	BytesCounter
	// InTx runs fn in one transaction and commits it durably unless fn or the commit fails.
	InTx(ctx context.Context, fn func(Tx) error) error
	// Intents lists the promises about an upload ("" = about all of them) that are not yet
	// known to be durable on disk, oldest first.
	Intents(ctx context.Context, uploadID string) ([]Intent, error)
	// Promised lists the same of all uploads without their bodies and digests.
	Promised(ctx context.Context) ([]Promise, error)
	// EndedEmbargoes lists the uploads whose rows still tell of an embargo that is over.
	EndedEmbargoes(ctx context.Context, now time.Time) ([]string, error)
	// DeleteIntents forgets intents, by id.
	DeleteIntents(ctx context.Context, ids []int64) error
	Deliveries
}

// Tx is what can be done to uploads inside a transaction. Rows read here are
// locked until it ends, so that check and change cannot be split.
type Tx interface {
	Upload(ctx context.Context, id string) (Upload, error)
	// CountUnpublished is that of Store, and lets nobody make one for the user until the transaction ends.
	CountUnpublished(ctx context.Context, userID string) (int, error)
	InsertUpload(ctx context.Context, u Upload) error
	// StandingShares gives those of the users ("" = everybody), oldest first.
	StandingShares(ctx context.Context, owners []string) ([]StandingShare, error)
	// BytesCounter counts as it will be after the transaction: others wait who add files for the same person.
	BytesCounter
	// SaveUpload replaces what people say about an upload, its members and its times, not the process
	// and not the sums, and puts it into the search feed; NotFound when there is none.
	SaveUpload(ctx context.Context, u Upload) error
	// SetProcess writes the process fields, nothing else.
	SetProcess(ctx context.Context, uploadID string, p Process) error
	// AddReceipts stores receipts.
	AddReceipts(ctx context.Context, receipts []Receipt) error
	// SetDepositUntil writes when the depositor may add no more, zero = sealed.
	SetDepositUntil(ctx context.Context, uploadID string, until time.Time) error
	// SetIncluded writes which entries of others are shown with the upload, nil = none.
	SetIncluded(ctx context.Context, uploadID string, in *Included) error
	// ForgetInputs makes the next run of processing parse every entry anew.
	ForgetInputs(ctx context.Context, uploadID string) error
	// TakenPath gives one of the paths at which the upload has a file, "" when there is none.
	TakenPath(ctx context.Context, uploadID string, paths []string) (string, error)
	// PutFiles inserts or replaces rows of files of an upload (File.UploadID does not count) and of the
	// directories above them; of two with one path the later stays. A path that is a directory, or below
	// a file, is a problem of kind BadRequest that names it.
	PutFiles(ctx context.Context, uploadID string, files []File) error
	// PutDir inserts a directory and those above it.
	PutDir(ctx context.Context, uploadID, path string) error
	// DeletePath removes the rows of a file, or of a directory and all below it ("" = everything);
	// a problem of kind Missing when there is nothing.
	DeletePath(ctx context.Context, uploadID, path string) error
	// DropEmptyDirs removes the rows of directories without any file below and gives the topmost of them.
	DropEmptyDirs(ctx context.Context, uploadID string) ([]string, error)
	// DeleteUpload removes the upload, its files and its entries, and takes them out of search.
	DeleteUpload(ctx context.Context, id string) error
	// AddIntents stores promises and gives them their ids.
	AddIntents(ctx context.Context, intents []Intent) ([]Intent, error)
	// Post tells a user something, in place of what has the same id.
	Post(ctx context.Context, item inbox.Item) error
	// Enqueue adds a job of a kind. A job of the same kind and non-empty key that waits already does the
	// work instead and becomes due now; one that runs does not (the new one runs after it).
	Enqueue(ctx context.Context, kind, key string, args any) error
	// EnqueueAt is Enqueue for a job that is not run before a time; one that waits already keeps the earlier of the two.
	EnqueueAt(ctx context.Context, at time.Time, kind, key string, args any) error
	// Waiting tells whether a job waits that Enqueue would not add again.
	Waiting(ctx context.Context, kind, key string) (bool, error)
	// StopJobs removes the jobs of a kind that wait for an upload and counts up its Stops: what runs notices.
	StopJobs(ctx context.Context, kind, uploadID string) error
	DeliveriesTx
}
