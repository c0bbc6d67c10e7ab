package local

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"

	"oasis/internal/access/secret"
)

// sealer encrypts private keys at rest with AES-256-GCM under a key derived for
// this purpose only, so that a copy of the database alone
// cannot sign anything.
type sealer struct{ aead cipher.AEAD }

func newSealer(apiSecret string) (*sealer, error) {
	key := secret.Derive(apiSecret, "oasis signing keys v1")
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("set up cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("set up cipher: %w", err)
	}
	return &sealer{aead: aead}, nil
}

// seal encrypts; the key id is bound in, so that sealed keys cannot be swapped.
func (s *sealer) seal(plain []byte, kid string) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return s.aead.Seal(nonce, nonce, plain, []byte(kid))
}

func (s *sealer) open(sealed []byte, kid string) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("sealed key is cut off")
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], []byte(kid))
	if err != nil {
		return nil, fmt.Errorf("open sealed key: %w", err)
	}
	return plain, nil
}
