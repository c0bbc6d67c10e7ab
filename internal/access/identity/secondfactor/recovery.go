package secondfactor

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"strings"
)

// recoveryCodes is how many codes are made at once.
const recoveryCodes = 10

// alphabet of recovery codes, without what looks alike on paper.
var alphabet = base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding)

// NewRecoveryCodes makes codes of 50 random bits, like ABCDE-FGHJK.
func NewRecoveryCodes() []string {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [7]byte
		_, _ = rand.Read(b[:]) // never fails
		text := alphabet.EncodeToString(b[:])
		codes[i] = text[:5] + "-" + text[5:10]
	}
	return codes
}

// RecoveryDigest is how a code of a user is stored: under a key that is not in
// the database, so that a copy of it does not allow trying codes.
func RecoveryDigest(key [32]byte, userID, code string) string {
	code = strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte("recovery\x00" + userID + "\x00" + code))
	return hex.EncodeToString(mac.Sum(nil))
}
