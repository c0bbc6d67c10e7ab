package receipt_test

import (
	"encoding/base64"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/receipt"
	"oasis/internal/store/sqlstore"
)

func open(t *testing.T, dir, secret string) *receipt.Signer {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "oasis.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s, err := receipt.NewSigner(t.Context(), db.Receipts(), secret, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func keys(t *testing.T, s *receipt.Signer) []receipt.Key {
	t.Helper()
	all, err := s.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func statement() receipt.Statement {
	return receipt.Statement{
		Server: "https://lab.example", UploadID: "u", Owner: "ann", Depositor: "sem", Time: time.Date(2026, 3, 1, 2, 3, 4, 5000, time.UTC),
		Files: []receipt.File{{Path: "a/ü.tif", Size: 7, SHA256: strings.Repeat("0a", 32)}},
	}
}

func TestReceiptsHoldAcrossRestartsAndKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, "a secret that is long enough for it")
	first := s.Sign(statement())
	if n := len(keys(t, open(t, dir, "a secret that is long enough for it"))); n != 1 {
		t.Errorf("a restart makes keys: there are %d", n)
	}
	if _, err := s.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := s.Sign(statement())
	other := open(t, dir, "another secret, after a restore for example")
	third := other.Sign(statement())
	all := keys(t, other)
	if len(all) != 3 || first == second {
		t.Fatalf("%d keys", len(all))
	}
	for i, r := range []string{first, second, third} {
		got, err := receipt.Verify(r, all)
		if err != nil || !reflect.DeepEqual(got, statement()) {
			t.Errorf("receipt %d: %+v, %v", i, got, err)
		}
		if _, err := receipt.Verify(r, []receipt.Key{all[(i+1)%3]}); !errors.Is(err, receipt.ErrInvalid) {
			t.Errorf("receipt %d holds without its key", i)
		}
	}
}

func TestReceiptsCannotBeChanged(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), "a secret that is long enough for it")
	good := s.Sign(statement())
	all := keys(t, s)
	for i := range good {
		for _, c := range []byte{'A', 'b', '.'} {
			if good[i] == c {
				continue
			}
			bad := good[:i] + string(c) + good[i+1:]
			if _, err := receipt.Verify(bad, all); !errors.Is(err, receipt.ErrInvalid) {
				t.Fatalf("changed at %d and still good", i)
			}
		}
	}
	part := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"` + all[0].ID + `","typ":"oasis-receipt"}`))
	for _, bad := range []string{"", ".", "..", good + "=", good + ".x", part[0] + "." + part[1], none + "." + part[1] + ".", none + "." + part[1] + "." + part[2]} {
		if _, err := receipt.Verify(bad, all); !errors.Is(err, receipt.ErrInvalid) {
			t.Errorf("%q is a receipt", bad)
		}
	}
}
