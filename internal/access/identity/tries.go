package identity

import "context"

// Throttled refuses with a 429 while an account has to wait at an address. It is
// for other secrets than passwords: codes that people type, secrets of clients.
// The account is any name that is no user's id.
func (s *Service) Throttled(account, address string) error {
	return s.tries.check(account, address, s.now())
}

// Failed counts a wrong secret for Throttled.
func (s *Service) Failed(account, address string) { s.tries.failed(account, address, s.now()) }

// SessionOf gives the session of a cookie, or a problem of kind Missing.
func (s *Service) SessionOf(ctx context.Context, secret string) (Session, error) {
	return s.store.Session(ctx, SessionDigest(secret))
}
