package v1

import (
	"context"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/whatif"
)

// mostNames bounds how many people each group of a preview names.
const mostNames = 100

func (s Services) previewPolicy(ctx context.Context, in *struct{ Body PolicyChanges }) (*struct{ Body PolicyPreview }, error) {
	now := s.Policy.InForce()
	draft, err := s.Policy.Draft(in.Body.options())
	if err != nil {
		return nil, err
	}
	users, err := s.PolicyPeople.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	open, err := s.PolicyPeople.OpenUploads(ctx)
	if err != nil {
		return nil, err
	}
	matrix := whatif.Matrix(now, draft.Policy, s.deeds())
	out := &struct{ Body PolicyPreview }{PolicyPreview{
		Matrix: rowsOf(matrix), People: peopleOf(whatif.People(now, draft.Policy, users)), LocksYouOut: s.locksOut(ctx, draft),
	}}
	switch read := matrix[0].Cells[0]; {
	case !read.Changed():
	case read.Then.Allowed:
		out.Body.UploadsOpened = open
	default:
		out.Body.UploadsClosed = open
	}
	return out, nil
}

// deeds are the columns of the matrix; the first one is reading what is published.
func (s Services) deeds() []whatif.Deed {
	publish := access.Operation{ID: "publish", Scopes: scope.Of(scope.UploadsPublish)}
	deeds := []whatif.Deed{{Name: "read_published"}, {Name: "read_shared"}, {Name: "upload"}, {Name: "publish", Operation: publish}, {Name: "make_tokens"}}
	for i, id := range []string{"getUpload", "listUploads", "createUpload", "publishUpload", "createPAT"} {
		if op := s.operation(id); op != nil {
			deeds[i].Operation = *op
		}
	}
	return deeds
}

func rowsOf(matrix []whatif.Row) []PolicyRow {
	rows := make([]PolicyRow, 0, len(matrix))
	for _, r := range matrix {
		row := PolicyRow{Who: string(r.Who), Cells: make([]PolicyCell, 0, len(r.Cells))}
		for i := range r.Cells {
			c := &r.Cells[i]
			cell := PolicyCell{Deed: c.Deed, Allowed: c.Then.Allowed, Now: c.Now.Allowed, Changed: c.Changed(), MissingScopes: c.Then.Missing.Names()}
			if step, stopped := c.Then.StoppedAt(); stopped {
				cell.Step, cell.Detail = some(step.String()), some(c.Then.Denial.Detail)
			}
			row.Cells = append(row.Cells, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

func peopleOf(c whatif.Change) PolicyPeople {
	return PolicyPeople{
		Accounts: c.Accounts, Inside: c.Inside, LockedOut: policyGroupOf(c.LockedOut), LetIn: policyGroupOf(c.LetIn), Narrowed: policyGroupOf(c.Narrowed),
		Widened: policyGroupOf(c.Widened), NeedFactor: policyGroupOf(c.NeedFactor), StayOutside: policyGroupOf(c.StayOutside),
	}
}

func policyGroupOf(users []identity.User) PolicyGroup {
	g := PolicyGroup{Count: len(users), Users: make([]User, 0, min(len(users), mostNames))}
	for i := range users[:min(len(users), mostNames)] {
		g.Users = append(g.Users, userOf(&users[i]))
	}
	return g
}
