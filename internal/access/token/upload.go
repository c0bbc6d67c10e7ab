package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// uuidSize is the number of bytes of a user id.
const uuidSize = 16

// UploadToken makes NOMAD's upload token of a user: the 16 bytes of the user id
// and their HMAC-SHA256 under the API secret, each in unpadded URL-safe base64,
// joined by a dot (spec auth.md §2). It is the same for ever; ok is false for a
// user id that is no UUID.
func UploadToken(apiSecret, userID string) (raw string, ok bool) {
	id, ok := parseUUID(userID)
	if !ok {
		return "", false
	}
	e := base64.RawURLEncoding
	return e.EncodeToString(id[:]) + "." + e.EncodeToString(sign(apiSecret, id[:])), true
}

// ReadUploadToken gives the user of a genuine upload token. Surplus padding is
// tolerated, as NOMAD does.
func ReadUploadToken(apiSecret, raw string) (userID string, ok bool) {
	payload, signature, found := strings.Cut(raw, ".")
	if !found {
		return "", false
	}
	id, ok := decodePart(payload)
	if !ok || len(id) != uuidSize {
		return "", false
	}
	given, ok := decodePart(signature)
	if !ok || !hmac.Equal(given, sign(apiSecret, id)) {
		return "", false
	}
	return formatUUID(id), true
}

// decodePart reads base64 that is exactly what encoding gives, but for padding.
func decodePart(text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") { // the decoder would skip them
		return nil, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
	return b, err == nil
}

func sign(apiSecret string, message []byte) []byte {
	mac := hmac.New(sha256.New, []byte(apiSecret))
	mac.Write(message) // never fails
	return mac.Sum(nil)
}

// groups are the lengths of the parts of a UUID in its usual text form.
func groups() [5]int { return [5]int{8, 4, 4, 4, 12} }

// parseUUID reads the usual text form.
func parseUUID(text string) (id [uuidSize]byte, ok bool) {
	parts := strings.Split(text, "-")
	lengths := groups()
	if len(parts) != len(lengths) {
		return id, false
	}
	for i, part := range parts {
		if len(part) != lengths[i] {
			return id, false
		}
	}
	_, err := hex.Decode(id[:], []byte(strings.Join(parts, "")))
	return id, err == nil
}

func formatUUID(id []byte) string {
	digits := hex.EncodeToString(id)
	var parts []string
	for _, n := range groups() {
		parts = append(parts, digits[:n])
		digits = digits[n:]
	}
	return strings.Join(parts, "-")
}
