package whatif

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/explain"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
)

// Question asks whether somebody may do something.
type Question struct {
	// User is a user name, an e-mail address or an id; "" is a visitor.
	User string
	// Kind of the credential as Kinds names them; "" = session for a person.
	Kind string
	// Scopes of a personal access token, when ScopesGiven; otherwise all that one can hold.
	Scopes      []string
	ScopesGiven bool
	// Restrictions of a personal access token.
	Restrictions *token.Restrictions
	// PATID names a token of the user that exists, instead of Scopes and Restrictions.
	PATID     string
	Operation string
	// UploadID is the upload it is done to, "" = none in particular.
	UploadID string
	Address  netip.Addr
}

// Answer is the decision with what it was made of.
type Answer struct {
	Operation access.Operation
	Caller    access.Caller
	Policy    *access.Policy
	Decision  access.Decision
	// Object tells how the rules of the upload ended, NotReached when they were not asked.
	Object access.Outcome
	// Refusal is nil when nothing stands in the way.
	Refusal *problem.Error
}

// Question gives the answer to package explain, for an administrator.
func (a *Answer) Question() explain.Question {
	return explain.Question{
		Decision: &a.Decision, Operation: &a.Operation, Caller: &a.Caller, Policy: a.Policy,
		Object: a.Object, Refusal: a.Refusal, ForAdmin: true,
	}
}

// Explainer answers questions as requests are answered: by access.Decide, and then
// by the rules of the object.
type Explainer struct {
	Policy func() *access.Policy
	SetUp  func() bool
	// Operation finds an operation of the API.
	Operation func(id string) (access.Operation, bool)
	// Person finds somebody by user name, e-mail address or id; Missing when there is nobody.
	Person func(ctx context.Context, name string) (identity.User, error)
	// PAT gives the caller that a personal access token of the user makes; Missing when there is none.
	PAT func(ctx context.Context, user identity.User, id string) (access.Caller, error)
	// Object asks the rules of an upload; asked is false for operations that are not done to one. The
	// error is a *problem.Error when they refuse.
	Object func(ctx context.Context, operation string, caller *access.Caller, uploadID string) (asked bool, err error)
}

// Kinds names the kinds of credentials that can be asked about.
func Kinds() map[string]access.Kind {
	kinds := map[string]access.Kind{}
	for _, k := range []access.Kind{access.SessionCookie, access.ProviderToken, access.PersonalToken, access.UploadToken, access.SimpleToken} {
		kinds[strings.ReplaceAll(k.String(), " ", "_")] = k
	}
	return kinds
}

// Explain answers a question. What the question names and does not exist is a
// problem of kind Missing or Unprocessable.
func (e *Explainer) Explain(ctx context.Context, q Question) (Answer, error) {
	a := Answer{Policy: e.Policy()}
	var known bool
	if a.Operation, known = e.Operation(q.Operation); !known {
		return a, problem.NotFound("There is no operation %q. The list: oasis explain --list", q.Operation)
	}
	var err error
	if a.Caller, err = e.caller(ctx, &q); err != nil {
		return a, err
	}
	a.Decision = access.Decide(a.Policy, e.SetUp(), &a.Operation, &a.Caller, q.UploadID)
	if !a.Decision.Allowed {
		a.Refusal = a.Decision.Denial
		return a, nil
	}
	if q.UploadID == "" || a.Operation.Open {
		return a, nil
	}
	asked, err := e.Object(ctx, a.Operation.ID, &a.Caller, q.UploadID)
	if err != nil {
		if a.Refusal = problem.As(err); a.Refusal == nil || a.Refusal.Kind == problem.Internal {
			return a, fmt.Errorf("ask the rules of the upload: %w", err)
		}
		a.Object = access.Stopped
	} else if asked {
		a.Object = access.Passed
	}
	return a, nil
}

// caller is who the question is about, as the Authenticator would establish it.
func (e *Explainer) caller(ctx context.Context, q *Question) (access.Caller, error) {
	if q.User == "" {
		if q.Kind != "" || q.PATID != "" {
			return access.Caller{}, problem.Invalid("value_error", "Name the user whose credential it is, or leave the credential out", "body", "user")
		}
		return access.Caller{Address: q.Address}, nil
	}
	user, err := e.Person(ctx, q.User)
	if problem.Is(err, problem.Missing) {
		return access.Caller{}, problem.NotFound("There is no user %q.", q.User)
	}
	if err != nil {
		return access.Caller{}, fmt.Errorf("look up user: %w", err)
	}
	c := Signed(user)
	if q.PATID != "" {
		if c, err = e.PAT(ctx, user, q.PATID); err != nil {
			return c, err
		}
	} else if err := q.credential(&c); err != nil {
		return c, err
	}
	c.Address = q.Address
	if user.Disabled {
		c.UserState = access.UserDisabled
	}
	return c, nil
}

// credential makes the caller hold the credential of the question.
func (q *Question) credential(c *access.Caller) error {
	if q.Kind != "" {
		kind, known := Kinds()[q.Kind]
		if !known {
			return problem.Invalid("enum", "There is no kind of credential with this name", "body", "credential", "kind")
		}
		c.Kind = kind
	} else if q.ScopesGiven || q.Restrictions != nil {
		c.Kind = access.PersonalToken
	}
	c.Granted = access.GrantedTo(c.Kind)
	if c.Kind == access.PersonalToken {
		c.Restrictions = q.Restrictions
	}
	if c.Kind != access.PersonalToken && (q.ScopesGiven || q.Restrictions != nil) {
		return problem.Invalid("value_error", "Only personal access tokens have scopes and restrictions of their own", "body", "credential")
	}
	if q.ScopesGiven {
		granted, unknown := scope.ParseNames(q.Scopes)
		if unknown != nil {
			return problem.Invalid("value_error", "Unknown scopes: "+strings.Join(unknown, ", "), "body", "credential", "scopes")
		}
		c.Granted = granted & access.GrantedTo(access.PersonalToken)
	}
	return nil
}
