package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash/crc32"
	"strings"
)

// Prefix begins every personal access token (spec auth.md §2).
const Prefix = "nomad_pat_"

const (
	randomLength   = 43 // 32 bytes in unpadded base64
	checksumLength = 6
	plainLength    = len(Prefix) + randomLength
	fullLength     = plainLength + checksumLength
	base62         = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewSecret makes a raw token: the prefix, 32 random bytes in URL-safe base64,
// and six base62 characters of the CRC-32 (IEEE) of all before, 59 characters.
// The checksum lets secret scanners, and us, refuse a typo without a look-up
// (decisions 5).
func NewSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	plain := Prefix + base64.RawURLEncoding.EncodeToString(b[:])
	return plain + checksum(plain)
}

// WellFormed tells whether raw can be a token at all: 59 characters with the
// right checksum, or the 53 characters of NOMAD's own form.
func WellFormed(raw string) bool {
	if !strings.HasPrefix(raw, Prefix) {
		return false
	}
	switch len(raw) {
	case plainLength:
		return isBase64URL(raw[len(Prefix):])
	case fullLength:
		return isBase64URL(raw[len(Prefix):plainLength]) && checksum(raw[:plainLength]) == raw[plainLength:]
	default:
		return false
	}
}

// Digest is how a token is stored and found: the lower-case hex SHA-256 of the
// whole string, prefix included (spec auth.md §2 has a test vector).
func Digest(raw string) string {
	sum := sha256.Sum256([]byte(raw))
	return hex.EncodeToString(sum[:])
}

func checksum(plain string) string {
	sum := crc32.ChecksumIEEE([]byte(plain))
	var out [checksumLength]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = base62[sum%62]
		sum /= 62
	}
	return string(out[:])
}

func isBase64URL(s string) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
		default:
			return false
		}
	}
	return true
}

// newID makes the id of a token: 24 hex digits.
func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
