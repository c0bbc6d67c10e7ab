package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"oasis/internal/access/admission"
	"oasis/internal/access/audit"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/access/token"
	"oasis/internal/data/edit"
	"oasis/internal/data/entry"
	"oasis/internal/data/inbox"
	"oasis/internal/data/search"
	"oasis/internal/data/share"
	"oasis/internal/data/transfer"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/jobs"
	"oasis/internal/work/processing"
)

// Stores are the stores of one database.
type Stores interface {
	Identity() identity.Store
	Tokens() token.Store
	Grants() local.Store
	Uploads() upload.Store
	Entries() entry.Store
	Processing() processing.Store
	Jobs() jobs.Store
	Search() search.Source
	Edits() edit.Store
	Audit() audit.Store
	Admissions() admission.Store
	Groups() group.Store
	Shares() share.Store
	External() oidc.Store
	Inbox() inbox.Store
	Transfers() transfer.Store
	OnEnqueue(wake func())
	OnInbox(changed func(userID string))
}

// OpenSQL opens a new, empty database that is closed when the test ends.
type OpenSQL func(t testing.TB, now func() time.Time) Stores

// SQL holds a database against the promises of the interfaces of all aggregates.
func SQL(t *testing.T, open OpenSQL) {
	for name, test := range map[string]func(*testing.T, OpenSQL){
		"Users": testUsers, "FindUsers": testFindUsers, "Sessions": testSessions, "SigningKeys": testSigningKeys,
		"Grants": testGrants, "Devices": testDevices, "ProviderKeys": testKeysOfTheProvider,
		"Factors": testFactors, "Tickets": testTickets, "Passwords": testPasswords, "Accounts": testAccounts, "SessionList": testSessionList,
		"External": testExternal, "ExternalClashes": testExternalClashes, "ExternalTogether": testExternalTogether,
		"Tokens": testTokens, "TokenLists": testTokenLists, "TokenLimit": testTokenLimit, "TokenRestrictions": testTokenRestrictions,
		"AllTokensOfAUser": testAllTokensOfAUser, "TokenUsage": testTokenUsage, "LegacyTokens": testLegacyTokens, "FirstAdmin": testFirstAdmin,
		"Uploads": testUploads, "UploadsSeeEachOther": testTransactionsOfOneUpload, "UploadLimit": testUploadLimit, "Receipts": testReceipts,
		"Rollback": testRollback, "Cancel": testCancel, "OddText": testOddText,
		"ListUploads": testListUploads, "ListUploadsLikeFilter": testListLikeFilter,
		"Files": testFiles, "FileClashes": testFileClashes, "FileSums": testFileSums, "BigFolder": testBigFolder,
		"Publication": testPublication, "EmbargoEnd": testEmbargoEnd, "EmptyDirs": testEmptyDirs, "Stopped": testStopped,
		"Intents": testIntents, "Entries": testEntries, "EntryLists": testEntryLists, "Outcome": testOutcome,
		"Deliveries": testDeliveries,
		"Audit":      testAudit, "AuditPruning": testAuditPruning, "AuditNotes": testAuditNotes, "AuditTogether": testAuditTogether,
		"Admissions": testAdmissions, "AdmissionRace": testAdmissionRace,
		"Feed": testFeed, "FeedOrder": testFeedOrder, "Edits": testEdits, "EditedEntries": testEditedEntries,
		"Inbox": testInbox, "InboxPruning": testInboxPruning, "RunIsToldOnce": testRunIsToldOnce, "Transfers": testTransfers,
		"Groups": testGroups, "GroupLists": testGroupLists, "GroupsOfUsers": testGroupsOfUsers, "GroupGoes": testGroupGoes,
		"Shares": testShares, "SharesGo": testSharesGo,
		"AccountLeavesGroups": testAccountLeavesGroups, "GroupRace": testGroupRace,
		"Jobs": testJobs, "JobKeys": testJobKeys, "JobLeases": testJobLeases, "JobRace": testJobRace, "JobTurns": testJobTurns,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open)
		})
	}
}

// start is when tests begin, in microseconds as databases keep it.
func start() time.Time { return time.Date(2026, 11, 21, 9, 30, 0, 123456000, time.UTC) }

// clock is a time that only tests move.
type clock struct{ now atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.now.Store(start().UnixMicro())
	return c
}

func (c *clock) Now() time.Time { return time.UnixMicro(c.now.Load()).UTC() }

func (c *clock) advance(d time.Duration) { c.now.Add(d.Microseconds()) }

func fixed() func() time.Time { return newClock().Now }

// ok fails the test on an error.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got gives a value, or fails the test on an error.
func got[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

// same compares what is with what should be.
func same(t testing.TB, what string, is, want any) {
	t.Helper()
	if !reflect.DeepEqual(is, want) {
		t.Fatalf("%s\n got: %+v\nwant: %+v", what, is, want)
	}
}

// refused wants a problem of a kind.
func refused(t testing.TB, err error, kind problem.Kind) {
	t.Helper()
	if !problem.Is(err, kind) {
		t.Fatalf("got error %v, want a problem of kind %d", err, kind)
	}
}

// fails wants one error.
func fails(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func newUser(name string) identity.User {
	return identity.User{
		ID: "id-" + name, Username: name, Email: name + "@example.org", FirstName: "First " + name, LastName: "Last " + name,
		Affiliation: "Institute", AffiliationAddress: "Street 1", Created: start(),
	}
}

func newUpload(id, author string) upload.Upload {
	return upload.Upload{
		ID: id, Name: "Upload " + id, CreateTime: start(), MainAuthor: author, License: upload.DefaultLicense,
		Process: upload.Process{Status: upload.Ready},
	}
}

func newFile(uploadID, path string, size int64) upload.File {
	return upload.File{UploadID: uploadID, Path: path, Size: size, SHA256: digest(path), CRC32: 0xfedcba98, ModTime: start()}
}

func newEntry(uploadID, mainfile string, status upload.Status) entry.Entry {
	return entry.Entry{
		ID: upload.EntryID(uploadID, mainfile, ""), UploadID: uploadID, Mainfile: mainfile, ParserName: "parsers/archive",
		CreateTime: start(), LastProcessing: start().Add(time.Second),
		Process: upload.Process{
			Status: status, Current: "process_entry", Message: "Archiving", Warnings: []string{"a \"b\"\n", "é"}, CompleteTime: start(),
		},
		InputKey: "key", Hash: "hash", Document: []byte(`{"entry_name":"` + mainfile + `"}`),
	}
}

// inTx runs one transaction on uploads that must succeed.
func inTx(t testing.TB, s Stores, fn func(ctx context.Context, tx upload.Tx)) {
	t.Helper()
	ok(t, s.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
		fn(t.Context(), tx)
		return nil
	}))
}

// insert stores uploads.
func insert(t testing.TB, s Stores, uploads ...upload.Upload) {
	t.Helper()
	ok(t, s.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
		for _, u := range uploads {
			if err := tx.InsertUpload(t.Context(), u); err != nil {
				return err
			}
		}
		return nil
	}))
}

// together runs fn n times at once and gives the errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	done := make(chan struct{})
	begin := make(chan struct{})
	for i := range n {
		go func() {
			<-begin
			errs[i] = fn(i)
			done <- struct{}{}
		}()
	}
	close(begin)
	for range n {
		<-done
	}
	return errs
}

// names makes n names.
func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s%04d", prefix, i)
	}
	return all
}
