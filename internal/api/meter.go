package api

import (
	"net/http"
	"time"

	"oasis/internal/access"
)

// Answered is what is known of a request at its end. It names nobody and no
// address: figures are kept per operation, never per user or path.
type Answered struct {
	// Status of the answer, 0 = the connection was cut before there was one.
	Status int
	Took   time.Duration
	// Kind of the credential that decided.
	Kind access.Kind
	// Decided tells that the request came to the flowchart; Step is the box that
	// refused, "" = none did.
	Decided bool
	Step    string
}

// Meter counts requests.
type Meter interface {
	// Operation gives what is called after each request of an operation, once for each row
	// of the table; "" stands for addresses that no row has.
	Operation(id string) func(Answered)
}

// meter asks for the counters of each row.
func (s *Server) meter() {
	if s.opts.Meter == nil {
		return
	}
	for i := range s.routes {
		s.routes[i].done = s.opts.Meter.Operation(s.routes[i].ID)
	}
	s.astray = s.opts.Meter.Operation("")
}

// measure counts the request at its end.
func (c *call) measure() {
	done := c.server.astray
	if c.route != nil {
		done = c.route.done
	}
	if done == nil {
		return
	}
	a := Answered{Status: c.w.status, Took: time.Since(c.started), Kind: c.caller.Kind, Decided: c.decided && !c.route.Open}
	if a.Decided {
		a.Step = c.refusedAt()
	}
	done(a)
}

// refusedAt names the box of the flowchart that refused, "" when none did.
func (c *call) refusedAt() string {
	if step, stopped := c.decision.StoppedAt(); stopped {
		return step.String()
	}
	if c.w.status == http.StatusUnauthorized || c.w.status == http.StatusForbidden {
		return stepObject
	}
	return ""
}
