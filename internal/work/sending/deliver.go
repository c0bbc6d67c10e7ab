package sending

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"oasis/internal/problem"
)

// Remote talks to other servers. It follows no redirects.
type Remote interface {
	// Healthy asks an address, which has to answer that all is well.
	Healthy(ctx context.Context, address string) error
	// Post sends a body with a token and gives status and beginning of the answer.
	Post(ctx context.Context, address, token string, body io.Reader) (status int, said []byte, err error)
}

// Statuses of answers that mean something here (RFC 9110).
const (
	statusOK       = 200
	statusTooLarge = 413
)

// healthy asks a target whether it is there (spec uploads.md §13).
func (s *Service) healthy(ctx context.Context, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return errTarget().Because(err)
	}
	if err := s.remote.Healthy(ctx, u.Scheme+"://"+u.Host+"/-/health"); err != nil {
		return errTarget().Because(err)
	}
	return nil
}

// deliver sends the bundle. A proxy that does not let large bodies through to the
// address of imports often does so to its older name.
func (s *Service) deliver(ctx context.Context, o *Order) error {
	err := s.post(ctx, o, "/v1/uploads/import")
	if problem.Is(err, problem.TooLarge) {
		return s.post(ctx, o, "/v1/uploads/bundle")
	}
	return err
}

func (s *Service) post(ctx context.Context, o *Order, path string) error {
	b, err := s.bundles.Whole(ctx, o.UploadID, o.Contents)
	if err != nil {
		return err
	}
	query := url.Values{"format": {"bundle"}}
	if o.Embargo != nil {
		query.Set("embargo_length", strconv.Itoa(*o.Embargo))
	}
	if o.Strangers != "" {
		query.Set("unknown_users", string(o.Strangers))
	}
	body, to := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := b.Write(ctx, to)
		written <- err
		to.CloseWithError(err) // never fails
	}()
	status, said, err := s.remote.Post(ctx, o.Target+path+"?"+query.Encode(), o.Token, body)
	body.CloseWithError(errors.New("the target has answered")) // never fails; whoever still writes stops
	broken := <-written
	if err != nil {
		if broken != nil && problem.As(broken) == nil && !errors.Is(broken, io.ErrClosedPipe) {
			s.log.WarnContext(ctx, "the bundle could not be made to its end", "upload_id", o.UploadID, "err", broken)
		}
		return problem.Bad("The connection to the target deployment broke off. Send the upload again.").Because(err)
	}
	return answered(status, said)
}

// answered makes an error of what a target says.
func answered(status int, text []byte) error {
	switch status {
	case statusOK:
		return nil
	case statusTooLarge:
		return problem.New(problem.TooLarge, "The target deployment does not take bundles of this size.")
	}
	var refusal struct {
		Detail any `json:"detail"`
	}
	said := strings.TrimSpace(string(text))
	if json.Unmarshal(text, &refusal) == nil && refusal.Detail != nil {
		said = fmt.Sprint(refusal.Detail)
	}
	return problem.Bad("The target deployment answered with status %d: %.1000s", status, said)
}
