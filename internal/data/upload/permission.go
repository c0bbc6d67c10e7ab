package upload

import (
	"slices"

	"oasis/internal/problem"
)

// Operation is what somebody wants to do with an upload; the values are the
// rows of the matrix in spec uploads.md §2.3.
type Operation uint8

// The operations.
const (
	// Read covers the record, its entries, its raw files and archives.
	Read Operation = iota
	// ReadOwn is Read without the rule that published data are for everybody.
	ReadOwn
	// ReadWhole is Read of all raw files at once, which only published uploads give
	// (spec uploads.md §6).
	ReadWhole
	// Export is Read of everything the upload is made of, as a bundle.
	Export
	// ChangeFiles covers adding and removing raw files, creating directories, choosing
	// included entries and stopping what processes them.
	ChangeFiles
	// EditMetadata changes what is said about the upload and its entries; single fields
	// have rules of their own (spec uploads.md §9).
	EditMetadata
	// Reprocess processes everything once more.
	Reprocess
	// Publish ends staging.
	Publish
	// LiftEmbargo opens a published upload to everybody.
	LiftEmbargo
	// AssignDOI registers an identifier for the upload.
	AssignDOI
	// TransferOwnership asks somebody else to become the main author.
	TransferOwnership
	// SendElsewhere copies the upload to another server. NOMAD 2.0.0 lets everybody who can
	// read it do that; here it takes somebody who can change it (spec uploads.md §16).
	SendElsewhere
	// Delete removes the whole upload.
	Delete
)

// Operations lists all of them.
func Operations() []Operation {
	all := make([]Operation, 0, Delete+1)
	for op := Read; op <= Delete; op++ {
		all = append(all, op)
	}
	return all
}

// Texts of refusals that NOMAD clients know (spec uploads.md §2 and §8).
const (
	textUnknown   = "The specified upload_id was not found."
	textNoAccess  = "You do not have access to the specified upload."
	textEmbargo   = "You do not have access to the specified upload - published with embargo."
	textLogIn     = "You need to log in to access the specified upload."
	textNoWrite   = "You do not have write access to the specified upload."
	textMainOnly  = "Only main author has permissions for this operation."
	textPublished = "Upload is already published, operation not possible."
	textAdminOnly = "Upload is already published, only admins can perform this operation."
	textStaging   = "Cannot download raw files .zip from non published uploads. Use '/{upload_id}/raw/' instead\n" +
		"to recursively create and download a .zip file with all files."
	textPublishAgain = "Upload already published."
	textPublishAdmin = "The upload is already published."
	textNotPublished = "Upload is not published, no embargo to lift."
	textNoEmbargo    = "Upload has no embargo."
	textNoDOI        = "The upload is unpublished. No DOI can be assigned at the moment.\nPublish the upload first."
	textPublishFirst = "The upload should be published first."
	textOtherUpload  = "This token may only be used with certain uploads, and this is not one of them."
)

// NotFound is the refusal for an upload id that does not exist.
func NotFound() *problem.Error { return problem.NotFound(textUnknown) }

// Allows is the rule of spec uploads.md §2: may someone in this role do op to
// an upload in this state? nil = yes. It is pure and total. Whether a process
// that runs is in the way is for the operation itself to ask.
func Allows(role Role, state State, op Operation) *problem.Error {
	switch op {
	case Read, Export:
		return allowsRead(role, state)
	case ReadWhole:
		return first(allowsRead(role, state), unless(state != Staging, problem.Bad, textStaging))
	case ReadOwn:
		return unless(role >= Reviewer, problem.Denied, textNoAccess)
	case ChangeFiles:
		return first(allowsWrite(role), unless(state == Staging, problem.Bad, textPublished))
	case EditMetadata:
		return allowsWrite(role)
	case Reprocess:
		return first(allowsWrite(role), unless(state == Staging || role == Admin, problem.Denied, textAdminOnly))
	case Publish:
		again := textPublishAgain
		if role == Admin {
			again = textPublishAdmin
		}
		return first(allowsWrite(role), unless(state == Staging, problem.Bad, again))
	case LiftEmbargo:
		return first(allowsWrite(role), unless(state != Staging, problem.Bad, textNotPublished),
			unless(state != Public, problem.Bad, textNoEmbargo))
	case AssignDOI:
		return first(allowsMain(role), unless(state != Staging, problem.Bad, textNoDOI))
	case TransferOwnership:
		return allowsMain(role)
	case SendElsewhere:
		return first(allowsWrite(role), unless(state != Staging, problem.Bad, textPublishFirst))
	case Delete:
		return first(allowsMain(role), unless(state == Staging || role == Admin, problem.Denied, textAdminOnly))
	default:
		return problem.Denied(textNoAccess)
	}
}

// allowsRead is the read check of spec uploads.md §2.1.
func allowsRead(role Role, state State) *problem.Error {
	switch {
	case role >= Reviewer, state == Public:
		return nil
	case state == Embargoed:
		return problem.Denied(textEmbargo)
	case role == Anonymous:
		return problem.New(problem.Unauthenticated, textLogIn)
	default:
		return problem.Denied(textNoAccess)
	}
}

// allowsWrite is the part of the write check of spec uploads.md §2.2 that only looks at the role.
func allowsWrite(role Role) *problem.Error {
	return unless(role >= Coauthor, problem.Denied, textNoWrite)
}

// allowsMain is allowsWrite for what is reserved to the main author.
func allowsMain(role Role) *problem.Error {
	return first(allowsWrite(role), unless(role >= MainAuthor, problem.Denied, textMainOnly))
}

// unless refuses with a text when ok does not hold.
func unless(ok bool, refuse func(string, ...any) *problem.Error, text string) *problem.Error {
	if ok {
		return nil
	}
	return refuse("%s", text)
}

// first gives the first refusal.
func first(refusals ...*problem.Error) *problem.Error {
	for _, refusal := range refusals {
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// May asks Allows for one upload and one viewer, and applies the viewer's
// restriction to certain uploads first.
func May(u *Upload, v Viewer, op Operation) *problem.Error {
	if v.Uploads != nil && !slices.Contains(v.Uploads, u.ID) {
		return problem.Denied(textOtherUpload)
	}
	if v.DepositFor != nil {
		return allowsDepositor(u, v, op)
	}
	return Allows(RoleOf(u, v), u.State(), op)
}

// allowsDepositor is the rule for tokens that deposit for others (decisions 24),
// but for the time in which they may add, see Service.mayStillAdd.
func allowsDepositor(u *Upload, v Viewer, op Operation) *problem.Error {
	if op != ChangeFiles {
		return problem.Denied(textNoAccess)
	}
	return first(unless(u.Deposit.By == v.UserID, problem.Denied, textNoWrite), unless(u.State() == Staging, problem.Bad, textPublished))
}
