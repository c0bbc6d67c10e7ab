package identity

import (
	"context"
	"fmt"
	"time"

	"oasis/internal/problem"
)

// mailPatience bounds how long somebody waits for the mail server.
const mailPatience = 15 * time.Second

// notify tells the owner of an account by mail what happened to it, if mail is
// configured. A mail server that is down keeps nobody from anything: what is lost
// also stands in the audit log.
func (s *Service) notify(ctx context.Context, user *User, subject, format string, args ...any) {
	if !s.cfg.Mail.Ready() || user.Email == "" {
		return
	}
	text := fmt.Sprintf("Dear %s,\n\n"+format, append([]any{user.Name()}, args...)...)
	text += fmt.Sprintf("\n\nIf that was not you, sign in at %s/gui/ and change your password, or ask an administrator.\n", s.cfg.Settings().PublicURL)
	_ = s.mail(ctx, user.Email, subject, text)
}

func (s *Service) mail(ctx context.Context, to, subject, text string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailPatience)
	defer cancel()
	if err := s.cfg.Mail.Send(ctx, to, s.siteName()+": "+subject, text); err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}

// purposeNotice is a mail that was sent and is not to be sent again.
const purposeNotice Purpose = "notice"

// NotifyOnce mails a text to the owner of an account, once for each about until the
// given time. It does nothing while mail is not configured.
func (s *Service) NotifyOnce(ctx context.Context, user *User, about string, until time.Time, subject, text string) error {
	if !s.cfg.Mail.Ready() || user.Email == "" || user.Disabled {
		return nil
	}
	digest := SessionDigest("notice " + about)
	sent, err := s.store.Ticket(ctx, digest)
	if err == nil && s.now().Before(sent.Expires) {
		return nil
	}
	if err != nil && !problem.Is(err, problem.Missing) {
		return fmt.Errorf("look for notice: %w", err)
	}
	if err := s.mail(ctx, user.Email, subject, fmt.Sprintf("Dear %s,\n\n%s\n", user.Name(), text)); err != nil {
		return err
	}
	// It belongs to no user: a changed password does not make it be sent again.
	return s.putTicket(ctx, s.store.PutTicket, digest, "", purposeNotice, nil, until.Sub(s.now()))
}
