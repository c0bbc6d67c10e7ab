package signin

import (
	"context"
	"net/http"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/admission"
	"oasis/internal/access/identity"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Admissions is what asking for access needs.
type Admissions struct {
	// Ask stores the wish; TooMany and Conflict when the person has asked before.
	Ask func(ctx context.Context, user identity.User, message string) (admission.Request, error)
	// Last gives the newest request of a person, or a problem of kind Missing.
	Last func(ctx context.Context, userID string) (admission.Request, error)
	// Policy is asked at every use.
	Policy func() *access.Policy
}

// AskedForAccess is what somebody sees of their own request.
type AskedForAccess struct {
	State   string    `json:"state" enum:"open,approved,declined"`
	Message string    `json:"message"`
	Created time.Time `json:"created"`
}

// AccessStatus tells whether somebody may ask, and what came of it.
type AccessStatus struct {
	// Refused tells whether the allow list keeps the person out.
	Refused bool            `json:"refused" doc:"The list of people who may use this Oasis keeps you out"`
	Request *AskedForAccess `json:"request" doc:"Your newest request; null = none"`
}

// AdmissionRoutes gives the rows with which people whom the allow list refuses ask
// to be let in. They are open, because the flowchart refuses these people; each
// handler finds out who asks.
func AdmissionRoutes(s Admissions) []api.Route {
	row := func(id, method, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Open: true}, Identify: true, SameOrigin: method != http.MethodGet,
			Method: method, Path: "/auth/access-request", Tag: "auth", Summary: summary,
		}
	}
	get := row("getAccessRequest", http.MethodGet, "What came of your request to be let in")
	ask := row("askForAccess", http.MethodPost, "Ask an administrator to let you in")
	ask.Status, ask.Errors = http.StatusCreated, []int{http.StatusConflict, http.StatusTooManyRequests}
	return []api.Route{api.Handle(get, s.get), api.Handle(ask, s.ask)}
}

type statusOutput struct{ Body AccessStatus }

// person gives who is signed in, and whether the allow list is what refuses them.
func (s Admissions) person(ctx context.Context) (u identity.User, refused bool, err error) {
	caller := api.Caller(ctx)
	probe := access.Operation{ID: "askForAccess", Accepts: access.People(), BeforeFactor: true}
	d := access.Decide(s.Policy(), true, &probe, &caller, "")
	step, stopped := d.StoppedAt()
	switch {
	case d.Allowed:
		return caller.User, false, nil
	case stopped && step == access.StepAllowList && access.People().Has(caller.Kind):
		return caller.User, true, nil
	}
	return caller.User, false, d.Denial
}

func (s Admissions) get(ctx context.Context, _ *struct{}) (*statusOutput, error) {
	noStore(ctx)
	user, refused, err := s.person(ctx)
	if err != nil || user.ID == "" { // nobody, or somebody for whom the list is not what is in the way
		return &statusOutput{}, nil //nolint:nilerr // the answer says so
	}
	out := &statusOutput{AccessStatus{Refused: refused}}
	last, err := s.Last(ctx, user.ID)
	switch {
	case problem.Is(err, problem.Missing):
		return out, nil
	case err != nil:
		return nil, err
	}
	out.Body.Request = asked(&last)
	return out, nil
}

func (s Admissions) ask(ctx context.Context, in *struct {
	Body struct {
		Message string `json:"message,omitempty" maxLength:"5000" doc:"Who you are and why you ask; the administrators read it"`
	}
}) (*statusOutput, error) {
	noStore(ctx)
	user, refused, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	if !refused {
		return nil, problem.Clash("You may use this Oasis already.")
	}
	r, err := s.Ask(ctx, user, in.Body.Message)
	if err != nil {
		return nil, err
	}
	return &statusOutput{AccessStatus{Refused: true, Request: asked(&r)}}, nil
}

func asked(r *admission.Request) *AskedForAccess {
	return &AskedForAccess{State: string(r.State), Message: r.Message, Created: r.Created}
}
