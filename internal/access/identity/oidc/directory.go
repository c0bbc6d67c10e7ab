package oidc

import (
	"context"
	"errors"
)

// ErrNobody is what a Directory gives for somebody it does not have.
var ErrNobody = errors.New("the directory has nobody like that")

// Directory knows the people of a provider. Every method but Search finds
// exactly one person or gives ErrNobody; any other error means that the
// directory could not be asked.
type Directory interface {
	// BySubject finds by the provider's id.
	BySubject(ctx context.Context, subject string) (Person, error)
	// ByUsername and ByEmail compare the whole name, without regard to case.
	ByUsername(ctx context.Context, name string) (Person, error)
	ByEmail(ctx context.Context, address string) (Person, error)
	// Search gives at most limit people one of whose names begins with prefix.
	Search(ctx context.Context, prefix string, limit int) ([]Person, error)
}
