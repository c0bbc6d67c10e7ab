// Package secret derives the keys of this server from its one configured
// secret, services.api_secret: one key for each purpose, so that knowing one of
// them tells nothing about the others.
package secret

import (
	"crypto/hkdf"
	"crypto/sha256"
)

// Size is the length of a derived key in bytes.
const Size = sha256.Size

// Derive gives the key for a purpose: HKDF (RFC 5869) with SHA-256 of the API
// secret, without salt, the purpose as info. The same arguments always give the
// same key. The two token formats of NOMAD do not use it: their format demands
// the secret itself (spec auth.md §2).
func Derive(apiSecret, purpose string) [Size]byte {
	var key [Size]byte
	derived, err := hkdf.Key(sha256.New, []byte(apiSecret), nil, purpose, Size)
	if err != nil { // only for keys longer than 255 hashes, and in FIPS mode for secrets below 112 bits, which config refuses
		return sha256.Sum256([]byte("oasis key\x00" + purpose + "\x00" + apiSecret))
	}
	copy(key[:], derived)
	return key
}
