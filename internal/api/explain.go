package api

import (
	"strings"

	"oasis/internal/access"
	"oasis/internal/problem"
)

// Explanation is the way a refused request took through the flowchart, for the
// person who has to do something about it.
type Explanation struct {
	Steps []ExplainedStep `json:"steps" doc:"The boxes of the flowchart in their order"`
	// MissingScopes are scopes that are needed and were not in force.
	MissingScopes []string `json:"missing_scopes,omitempty" doc:"Scopes that are needed and were not in force"`
	Help          string   `json:"help,omitempty" doc:"What would help"`
}

// ExplainedStep is one box.
type ExplainedStep struct {
	Step    string `json:"step" doc:"Name of the box"`
	Outcome string `json:"outcome" enum:"passed,stopped,not_reached"`
	Text    string `json:"text" doc:"What happened there"`
}

// stepObject is the box after the flowchart: the rules of the upload or entry itself.
const stepObject = "object"

// explain tells a 401 or 403 in sentences. It says nothing that the caller could
// not know: of objects only what the refusal itself says.
func (c *call) explain(refusal *problem.Error) *Explanation {
	d := &c.decision
	e := &Explanation{MissingScopes: d.Missing.Names()}
	if d.Missing == 0 {
		e.MissingScopes = nil
	}
	for i, outcome := range d.Path {
		step := access.Step(i)
		e.Steps = append(e.Steps, ExplainedStep{step.String(), outcome.String(), c.sentence(step, outcome)})
	}
	last := ExplainedStep{stepObject, access.NotReached.String(), "The rules of the object were not asked."}
	if d.Allowed {
		last.Outcome, last.Text = access.Stopped.String(), refusal.Detail
		e.Help = c.objectHelp(refusal.Kind)
	} else {
		e.Help = c.help()
	}
	e.Steps = append(e.Steps, last)
	return e
}

// sentence says what happened at a box.
func (c *call) sentence(step access.Step, outcome access.Outcome) string {
	if outcome == access.NotReached {
		return "Not asked any more."
	}
	passed := outcome == access.Passed
	anonymous := c.caller.State != access.Valid
	switch step {
	case access.StepNetwork:
		return "The request reached this server."
	case access.StepSetUp:
		return choose(passed, "This Oasis is set up.", "This Oasis has no administrator yet.")
	case access.StepCredential:
		switch {
		case !passed:
			return "The request carried a " + c.caller.Kind.String() + " that is not valid, or not any more."
		case anonymous:
			return "The request carried no credential."
		}
		return "The request carried a valid " + c.caller.Kind.String() + "."
	case access.StepSignIn:
		switch {
		case !passed:
			return "This operation needs somebody who is signed in."
		case anonymous:
			return "This operation may be used without signing in."
		}
		return "Somebody is signed in."
	case access.StepUser:
		return choose(passed, "The account is known and active.", "The account behind the credential cannot be used.")
	case access.StepAllowList:
		return choose(passed, "The account may use this Oasis.", "The account is not on the list of people who may use this Oasis.")
	case access.StepScopes:
		if passed {
			return "All needed scopes are in force: " + strings.Join(c.route.Scopes.Names(), ", ") + "."
		}
		return "Needed scopes are not in force: " + strings.Join(c.decision.Missing.Names(), ", ") + "."
	default:
		return choose(passed, "The account's role and the kind of credential suffice.", "The account's role or the kind of credential does not suffice.")
	}
}

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// help says what would get the request past the box that stopped it.
func (c *call) help() string {
	step, stopped := c.decision.StoppedAt()
	if !stopped {
		return ""
	}
	contact := c.server.opts.Policy().Contact
	ask := "Ask an administrator of this Oasis"
	if contact != "" {
		ask += " (" + contact + ")"
	}
	switch step {
	case access.StepCredential:
		if c.caller.Kind == access.SessionCookie {
			return "Sign in again."
		}
		return "Use another token: access tokens are made, renewed and looked up on the page \"Access tokens\"."
	case access.StepSignIn:
		if SessionSecret(c.r.Context()) != "" && c.server.origin.Check(c.r) != nil {
			return "Your session was not counted, because the request comes from a page of another site. Use an access token."
		}
		return "Sign in, or send an access token in the header Authorization: Bearer or Oasis-Token."
	case access.StepUser, access.StepAllowList:
		return ask + " to let this account in."
	case access.StepScopes:
		if c.caller.Kind == access.PersonalToken {
			return "Make an access token that has these scopes."
		}
		if c.caller.State != access.Valid {
			return "Sign in: visitors hold fewer scopes."
		}
		return ask + ": accounts like yours hold fewer scopes here."
	case access.StepRole:
		return ask + ", or sign in on the page."
	default:
		return ""
	}
}

// objectHelp says what would get past the rules of an object.
func (c *call) objectHelp(kind problem.Kind) string {
	if kind == problem.Unauthenticated {
		return "Sign in, or send an access token in the header Authorization: Bearer or Oasis-Token."
	}
	return "Ask the main author of the upload to give you the role you need."
}
