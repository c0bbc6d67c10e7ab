package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

// Times and limits of the key set.
const (
	// refetchAfter is the least time between two looks for a key that is not known:
	// anybody can make up key ids.
	refetchAfter = 10 * time.Second
	// keysAge is how old the set may get; then it is fetched again beside the checks
	// that go on, and keys that the provider has withdrawn stop counting.
	keysAge = 10 * time.Minute
	maxKeys = 64
	minRSA  = 2048
)

var (
	errNoKeyID    = errors.New("the token names no key")
	errUnknownKey = errors.New("the token names a key that the provider does not have")
)

// keys is the key set of a provider (RFC 7517). It is safe for concurrent use,
// and a check with a known key waits for nothing.
type keys struct {
	fetch      func(context.Context) ([]byte, error)
	now        func() time.Time
	algorithms []string

	set    atomic.Pointer[keySet]
	tried  atomic.Int64 // Unix nanoseconds of the last attempt, whatever came of it
	flight singleflight.Group
	// failure is why the last attempt failed, nil when it did not.
	failure atomic.Pointer[error]
}

type keySet struct {
	byID map[string][]jose.JSONWebKey
	at   time.Time
}

// find gives the key with which a token must be signed. errUnknownKey means that
// the provider does not have it, an error that wraps errDown that nobody can tell now.
func (k *keys) find(ctx context.Context, kid, algorithm string) (*jose.JSONWebKey, error) {
	if kid == "" {
		return nil, errNoKeyID
	}
	set := k.set.Load()
	if key := set.key(kid, algorithm); key != nil {
		if k.now().Sub(set.at) > keysAge && k.due() {
			k.refresh(ctx) // nobody waits for it
		}
		return key, nil
	}
	if k.due() {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-k.refresh(ctx):
		}
		if key := k.set.Load().key(kid, algorithm); key != nil {
			return key, nil
		}
	}
	if failure := k.failure.Load(); failure != nil {
		return nil, fmt.Errorf("%w: %w", errDown, *failure)
	}
	return nil, errUnknownKey
}

// due tells whether the set may be fetched; those who ask while it is being
// fetched join.
func (k *keys) due() bool {
	wait := refetchAfter
	if k.failure.Load() != nil {
		wait = pause
	}
	return k.now().Sub(time.Unix(0, k.tried.Load())) >= wait
}

func (s *keySet) key(kid, algorithm string) *jose.JSONWebKey {
	if s == nil {
		return nil
	}
	keys := s.byID[kid]
	i := slices.IndexFunc(keys, func(k jose.JSONWebKey) bool { return k.Algorithm == "" || k.Algorithm == algorithm })
	if i < 0 {
		return nil
	}
	return &keys[i]
}

// refresh fetches the set; of many who ask at the same time one does it. A
// failure leaves the known keys in force.
func (k *keys) refresh(ctx context.Context) <-chan singleflight.Result {
	return k.flight.DoChan("keys", func() (any, error) {
		if !k.due() { // somebody was faster
			return nil, nil // the result is in the fields
		}
		body, err := k.fetch(context.WithoutCancel(ctx))
		var set *keySet
		if err == nil {
			set, err = readKeys(body, k.now())
		}
		if err != nil {
			k.failure.Store(&err)
		} else {
			k.set.Store(set)
			k.failure.Store(nil)
		}
		k.tried.Store(k.now().UnixNano())
		return nil, err
	})
}

// readKeys takes the public signing keys out of a set. Encryption keys, shared
// secrets, short keys and kinds we do not know are passed over, so that one of
// them does not spoil the others.
func readKeys(body []byte, at time.Time) (*keySet, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, fmt.Errorf("read key set: %w", err)
	}
	if len(raw.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set has %d keys, more than %d", len(raw.Keys), maxKeys)
	}
	set := &keySet{byID: map[string][]jose.JSONWebKey{}, at: at}
	for _, text := range raw.Keys {
		var key jose.JSONWebKey
		if err := key.UnmarshalJSON(text); err != nil || !signs(&key) {
			continue
		}
		set.byID[key.KeyID] = append(set.byID[key.KeyID], key)
	}
	return set, nil
}

func signs(key *jose.JSONWebKey) bool {
	if key.KeyID == "" || key.Use != "" && key.Use != "sig" || !key.Valid() {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= minRSA
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false // a shared secret, or a private key
}

// VerifySignature checks the signature of a token and gives its payload; it is
// the key set of go-oidc.
func (k *keys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(raw, signatures(k.algorithms))
	if err != nil {
		return nil, err
	}
	h := signed.Signatures[0].Protected
	key, err := k.find(ctx, h.KeyID, h.Algorithm)
	if err != nil {
		return nil, err
	}
	return signed.Verify(key)
}

func signatures(names []string) []jose.SignatureAlgorithm {
	algorithms := make([]jose.SignatureAlgorithm, 0, len(names))
	for _, name := range names {
		algorithms = append(algorithms, jose.SignatureAlgorithm(name))
	}
	return algorithms
}
