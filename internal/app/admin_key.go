package app

import "context"

// VerbKeyRotate makes a new signing key.
const VerbKeyRotate = "key.rotate"

// KeyInfo is the result of VerbKeyRotate.
type KeyInfo struct{ ID string }

func (a *admin) keyRotate(ctx context.Context, _ struct{}) (KeyInfo, error) {
	id, err := a.provider.RotateKey(ctx)
	return KeyInfo{ID: id}, err
}
