// Package explain puts a decision of package access into sentences: the boxes of
// the flowchart, what happened at each, and what would help. The same words stand
// in refusals, on the administrator's page and on the command line.
package explain

import (
	"oasis/internal/access"
	"oasis/internal/problem"
)

// Explanation is the way of a request through the flowchart, for the person who
// has to do something about it.
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

// StepObject is the box after the flowchart: the rules of the upload or entry itself.
const StepObject = "object"

// Question is a decision with what it was made of.
type Question struct {
	Decision  *access.Decision
	Operation *access.Operation
	Caller    *access.Caller
	// Policy is the one that decided.
	Policy *access.Policy
	// Object tells how the rules of the object ended, NotReached when they were not asked.
	Object access.Outcome
	// Refusal is what the object's rules said when they stopped the request.
	Refusal *problem.Error
	// ForAdmin tells what an administrator could change; otherwise the help is for
	// the caller, who must learn nothing about how this Oasis is set up.
	ForAdmin bool
}

// Explain puts a decision into sentences.
func Explain(q Question) *Explanation {
	d := q.Decision
	e := &Explanation{}
	if d.Missing != 0 {
		e.MissingScopes = d.Missing.Names()
	}
	for i, outcome := range d.Path {
		step := access.Step(i)
		e.Steps = append(e.Steps, ExplainedStep{step.String(), outcome.String(), q.sentence(step, outcome)})
	}
	last := ExplainedStep{StepObject, q.Object.String(), "The rules of the object were not asked."}
	switch q.Object {
	case access.Passed:
		last.Text = "The rules of the upload allow it."
	case access.Stopped:
		last.Text = q.Refusal.Detail
	}
	e.Steps = append(e.Steps, last)
	switch {
	case q.Object == access.Stopped:
		e.Help = q.objectHelp()
	case d.Allowed:
	case q.ForAdmin:
		e.Help = q.adminHelp()
	default:
		e.Help = q.help()
	}
	return e
}
