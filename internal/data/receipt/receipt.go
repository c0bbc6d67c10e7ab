// Package receipt signs what this Oasis has received: whoever sent a file can prove
// afterwards, without asking anybody, that it was stored, when and for whom.
//
// A receipt is a JSON Web Signature (RFC 7515) in compact form, signed with Ed25519
// (RFC 8037). Keys are published for ever; the newest signs.
package receipt

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"oasis/internal/access/secret"
)

// Type is the typ of receipts: it keeps them apart from all other signed texts.
const Type = "oasis-receipt"

// Statement is what a receipt says: these files were durable on this server at that time.
type Statement struct {
	// Server is the public address of the server.
	Server string `json:"iss"`
	// UploadID is where the files are, Owner its main author then, and Depositor the account that sent them.
	UploadID  string    `json:"upload_id"`
	Owner     string    `json:"owner"`
	Depositor string    `json:"depositor"`
	Time      time.Time `json:"time"`
	Files     []File    `json:"files"`
}

// File is one file of a Statement.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Key is a public key. Its private half is derived from the server's secret and the id.
type Key struct {
	ID      string
	Public  ed25519.PublicKey
	Created time.Time
}

// Store keeps the public keys.
type Store interface {
	// ReceiptKeys gives all keys, oldest first.
	ReceiptKeys(ctx context.Context) ([]Key, error)
	InsertReceiptKey(ctx context.Context, k Key) error
}

// Signer signs receipts. It is safe for concurrent use.
type Signer struct {
	store  Store
	secret string
	now    func() time.Time
	newest atomic.Pointer[Key]
}

// NewSigner reads the keys, and makes one if there is none that belongs to the
// server's secret (services.api_secret).
func NewSigner(ctx context.Context, store Store, apiSecret string, now func() time.Time) (*Signer, error) {
	s := &Signer{store: store, secret: apiSecret, now: now}
	keys, err := s.Keys(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(keys); n > 0 && s.private(keys[n-1].ID).Public().(ed25519.PublicKey).Equal(keys[n-1].Public) {
		s.newest.Store(&keys[n-1])
		return s, nil
	}
	_, err = s.Rotate(ctx)
	return s, err
}

// Rotate makes a new key, which signs from now on, and gives its id.
func (s *Signer) Rotate(ctx context.Context) (string, error) {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	k := Key{ID: hex.EncodeToString(id), Created: s.now().UTC()}
	k.Public, _ = s.private(k.ID).Public().(ed25519.PublicKey)
	if err := s.store.InsertReceiptKey(ctx, k); err != nil {
		return "", fmt.Errorf("store receipt key: %w", err)
	}
	s.newest.Store(&k)
	return k.ID, nil
}

// Keys gives all keys there ever were, oldest first.
func (s *Signer) Keys(ctx context.Context) ([]Key, error) {
	keys, err := s.store.ReceiptKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("read receipt keys: %w", err)
	}
	return keys, nil
}

func (s *Signer) private(id string) ed25519.PrivateKey {
	seed := secret.Derive(s.secret, "oasis receipts v1 "+id)
	return ed25519.NewKeyFromSeed(seed[:])
}

// header of a receipt (RFC 7515 §4).
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

// Sign gives the receipt for a statement.
func (s *Signer) Sign(st Statement) string {
	k := s.newest.Load()
	st.Time = st.Time.UTC()
	head, _ := json.Marshal(header{"EdDSA", k.ID, Type}) // texts: cannot fail
	body, _ := json.Marshal(st)                          // texts, numbers, and a time of this server's clock
	signed := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	return signed + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(s.private(k.ID), []byte(signed)))
}

// ErrInvalid is what Verify gives for everything that is not a receipt of these keys.
var ErrInvalid = errors.New("this is not a receipt signed by one of these keys")

// Verify gives what a receipt says, if one of the keys has signed it.
func Verify(receipt string, keys []Key) (Statement, error) {
	signed, signature, ok := cutLast(receipt)
	head, body, two := strings.Cut(signed, ".")
	if !ok || !two {
		return Statement{}, ErrInvalid
	}
	var h header
	if !decode(head, &h) || h.Algorithm != "EdDSA" || h.Type != Type {
		return Statement{}, ErrInvalid
	}
	sig, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil {
		return Statement{}, ErrInvalid
	}
	for i := range keys {
		if keys[i].ID != h.KeyID || len(keys[i].Public) != ed25519.PublicKeySize || !ed25519.Verify(keys[i].Public, []byte(signed), sig) {
			continue
		}
		var st Statement
		if !decode(body, &st) {
			return Statement{}, ErrInvalid
		}
		return st, nil
	}
	return Statement{}, ErrInvalid
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '.')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}
