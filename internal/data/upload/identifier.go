package upload

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
)

// NewID makes an upload, dataset or group id: a random UUID in URL-safe base64
// without padding, 22 characters (spec uploads.md §1.1).
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand aborts the program instead)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// EntryID gives the id of the entry that the file mainfile of an upload makes:
// the first 28 characters of the URL-safe base64 of the SHA-512 of the three
// strings one after another (spec uploads.md §1.1). The key is empty but for child entries.
func EntryID(uploadID, mainfile, mainfileKey string) string {
	sum := sha512.Sum512([]byte(uploadID + mainfile + mainfileKey))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:28]
}

// EntryHash tells one state of an entry from another: it changes exactly when the
// main file does, of which it takes the SHA-256. That of NOMAD 2.0.0 reads the
// main file and a hundred files beside it for every entry; clients send it back
// and never look into it.
func EntryHash(mainfileSHA256 string) string {
	sum := sha512.Sum512([]byte(mainfileSHA256))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:28]
}

// IsID tells whether a text has the form of an upload id.
func IsID(text string) bool {
	b, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(b) == 16
}
