package v1

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/receipt"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Receipts signs what was received.
type Receipts interface {
	Sign(st receipt.Statement) string
	Keys(ctx context.Context) ([]receipt.Key, error)
}

// Receipt proves that files were stored.
type Receipt struct {
	Signature string        `json:"signature" doc:"The rest of this, signed: a compact JWS (EdDSA) by one of the keys of /receipts/keys"`
	UploadID  string        `json:"upload_id"`
	Owner     string        `json:"owner" doc:"User id of the main author at that time"`
	Time      string        `json:"time" format:"date-time"`
	Files     []ReceiptFile `json:"files" nullable:"false"`
}

// ReceiptFile is one file of a receipt.
type ReceiptFile struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// ReceiptList is a page of receipts, one file each.
type ReceiptList struct {
	Pagination api.Pagination `json:"pagination"`
	Data       []Receipt      `json:"data" nullable:"false"`
}

// ReceiptKeys are public keys as a JSON Web Key Set (RFC 7517, RFC 8037).
type ReceiptKeys struct {
	Keys []ReceiptKey `json:"keys" nullable:"false"`
}

// ReceiptKey is one public key.
type ReceiptKey struct {
	Type      string `json:"kty" enum:"OKP"`
	Curve     string `json:"crv" enum:"Ed25519"`
	Algorithm string `json:"alg" enum:"EdDSA"`
	Use       string `json:"use" enum:"sig"`
	ID        string `json:"kid"`
	X         string `json:"x"`
}

// mostReceipted is how many files the receipt in the answer to a request names; an
// archive may bring 200,000, whose receipts are asked for page by page.
const mostReceipted = 1000

// mostDigests is how many checksums one request asks for.
const mostDigests = 100

func (s Services) receiptRoutes() []api.Route {
	list := api.Row{
		// The scope of sending, so that a token that may only send needs no other.
		Operation: access.Operation{ID: "listReceipts", Scopes: scope.Of(scope.UploadsWrite), Reach: access.ReachVisible, Adds: true},
		Method:    http.MethodGet, Path: api.PathV1 + "/receipts", Tag: "uploads", Summary: "Receipts of what your tokens that only add have stored",
		Description: "Tells an instrument whether a file has arrived: no receipt for its checksum, no file. Receipts stay when the owner removes a file, " +
			"so that nothing is sent again that somebody did not want. Not part of the NOMAD API.",
		Errors: []int{http.StatusBadRequest, http.StatusUnprocessableEntity},
		Output: ReceiptList{Pagination: api.Pagination{PageSize: 10, Total: 1}, Data: []Receipt{{
			Signature: "eyJhbGciOiJFZERTQSIs…", UploadID: "w7HvJ0rTSkq3m1P5n2cX8A", Owner: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", Time: "2026-01-31T23:00:00.000000Z",
			Files: []ReceiptFile{{Path: "scan-0042.tif", Size: 48213, SHA256: strings.Repeat("0a", 32)}},
		}}},
	}
	keys := api.Row{
		Operation: access.Operation{ID: "getReceiptKeys", Open: true},
		Method:    http.MethodGet, Path: api.PathV1 + "/receipts/keys", Tag: "uploads", Summary: "The public keys of receipts, old ones too",
		Description: "For checking receipts without this server. The newest is the last. Not part of the NOMAD API.",
		Output:      ReceiptKeys{Keys: []ReceiptKey{{Type: "OKP", Curve: "Ed25519", Algorithm: "EdDSA", Use: "sig", ID: "5f2a9c01b3d4e6f7", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}}},
	}
	return []api.Route{api.Handle(list, s.listReceipts), api.Handle(keys, s.getReceiptKeys)}
}

func (s Services) listReceipts(ctx context.Context, in *struct {
	api.PageInput
	UploadID string   `query:"upload_id"`
	SHA256   []string `query:"sha256,explode" doc:"Checksums in hexadecimal, at most 100; may be repeated"`
}) (*struct{ Body ReceiptList }, error) {
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	if len(in.SHA256) > mostDigests {
		return nil, problem.Invalid("too_long", "Ask for at most 100 checksums at once", "query", "sha256")
	}
	q := upload.ReceiptQuery{UploadID: in.UploadID, Offset: w.Offset, Limit: w.Limit}
	for _, sum := range in.SHA256 {
		q.SHA256 = append(q.SHA256, strings.ToLower(sum))
	}
	all, total, err := s.Uploads.Receipts(ctx, api.Viewer(ctx), q)
	if err != nil {
		return nil, err
	}
	p, err := w.Pagination(ctx, "", "", total)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body ReceiptList }{ReceiptList{Pagination: p, Data: []Receipt{}}}
	for i := range all {
		out.Body.Data = append(out.Body.Data, *s.receiptFor(all[i : i+1]))
	}
	return out, nil
}

// receiptFor signs what one request has stored; nil when there is nothing, or too much for one receipt.
func (s Services) receiptFor(stored []upload.Receipt) *Receipt {
	if len(stored) == 0 || len(stored) > mostReceipted {
		return nil
	}
	first := &stored[0]
	st := receipt.Statement{Server: s.About().API, UploadID: first.UploadID, Owner: first.Owner, Depositor: first.Depositor, Time: first.Time}
	out := &Receipt{UploadID: first.UploadID, Owner: first.Owner, Time: Stamp(first.Time)}
	for _, f := range stored {
		st.Files = append(st.Files, receipt.File{Path: f.Path, Size: f.Size, SHA256: f.SHA256})
		out.Files = append(out.Files, ReceiptFile{Path: f.Path, Size: f.Size, SHA256: f.SHA256})
	}
	out.Signature = s.Receipts.Sign(st)
	return out
}

func (s Services) getReceiptKeys(ctx context.Context, _ *struct{}) (*struct{ Body ReceiptKeys }, error) {
	all, err := s.Receipts.Keys(ctx)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body ReceiptKeys }{ReceiptKeys{Keys: []ReceiptKey{}}}
	for _, k := range all {
		out.Body.Keys = append(out.Body.Keys, ReceiptKey{
			Type: "OKP", Curve: "Ed25519", Algorithm: "EdDSA", Use: "sig", ID: k.ID, X: base64.RawURLEncoding.EncodeToString(k.Public),
		})
	}
	return out, nil
}
