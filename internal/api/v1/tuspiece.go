package v1

import (
	"context"
	"crypto/sha1" //nolint:gosec // the one algorithm that every tus server has to offer
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"mime"
	"path"
	"strconv"
	"strings"

	"oasis/internal/api"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// PieceInput is what the headers of a request tell about the piece in its body.
type PieceInput struct {
	Checksum string `header:"Upload-Checksum" doc:"sha256 or sha1, a blank, and the checksum of the body in base64"`
}

// Piece is a PieceInput that goes on with a delivery.
type Piece struct {
	PieceInput
	Offset string `header:"Upload-Offset" doc:"How much of the file is there already"`
}

// pieceOf makes a piece of the body of a request.
func pieceOf(ctx context.Context, in *PieceInput, offset int64) (upload.Piece, error) {
	r := api.Body(ctx)
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != tusMedia {
		return upload.Piece{}, problem.New(problem.WrongMedia, "The Content-Type of a piece has to be %s.", tusMedia)
	}
	check, sum, err := checksumOf(in.Checksum)
	if err != nil {
		return upload.Piece{}, err
	}
	return upload.Piece{Offset: offset, Body: r.Body, Length: r.ContentLength, Check: check, Sum: sum, Stop: api.StopReading(ctx)}, nil
}

// checksumOf reads Upload-Checksum; "" is none.
func checksumOf(header string) (hash.Hash, []byte, error) {
	if header == "" {
		return nil, nil, nil
	}
	name, encoded, _ := strings.Cut(header, " ")
	var check hash.Hash
	switch strings.ToLower(name) {
	case "sha256":
		check = sha256.New()
	case "sha1":
		check = sha1.New() //nolint:gosec // as above: it finds faults of the line, not forgers
	default:
		return nil, nil, problem.Bad("Upload-Checksum: this server knows the algorithms %s.", tusAlgorithms)
	}
	sum, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(sum) != check.Size() {
		return nil, nil, problem.Bad("Upload-Checksum has to be the name of an algorithm, a blank, and the checksum in base64.")
	}
	return check, sum, nil
}

// count reads a header that is a number of bytes.
func count(name, value string) (int64, error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 0 || value[0] == '+' {
		return 0, problem.Bad("The header %s has to be a number of bytes.", name)
	}
	return n, nil
}

// newDelivery reads the announcement of a file.
func newDelivery(length, metadata string) (upload.NewDelivery, error) {
	size, err := count("Upload-Length", length)
	if err != nil {
		return upload.NewDelivery{}, err
	}
	told, err := metadataOf(metadata)
	if err != nil {
		return upload.NewDelivery{}, err
	}
	n := upload.NewDelivery{Path: pathOf(told), Size: size}
	if n.SHA256, err = sha256Of(told["sha256"]); err != nil {
		return n, err
	}
	unpack, overwrite, trigger := false, true, true
	for key, to := range map[string]*bool{"auto_decompress": &unpack, "overwrite_if_exists": &overwrite, "trigger_processing": &trigger} {
		if text, given := told[key]; given {
			if *to, err = strconv.ParseBool(text); err != nil {
				return n, problem.Bad("Upload-Metadata: %s has to be true or false.", key)
			}
		}
	}
	n.Unpack, n.KeepExisting, n.Hold = unpack, !overwrite, !trigger
	return n, nil
}

// metadataOf reads Upload-Metadata (tus 1.0.0, extension creation).
func metadataOf(header string) (map[string]string, error) {
	told := map[string]string{}
	if strings.TrimSpace(header) == "" {
		return told, nil
	}
	for pair := range strings.SplitSeq(header, ",") {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(encoded)
		if _, twice := told[key]; err != nil || key == "" || twice {
			return nil, problem.Bad("Upload-Metadata has to be pairs of a key and a value in base64, with commas between them and no key twice.")
		}
		told[key] = string(value)
	}
	return told, nil
}

// pathOf finds the path of a file in its metadata. Its folders are kept: clients have
// different names for them.
func pathOf(told map[string]string) string {
	name := told["filename"]
	if name == "" {
		name = told["name"]
	}
	for _, key := range []string{"path", "relativePath"} { // the second as Uppy says it
		switch p := told[key]; {
		case p == "" || key == "relativePath" && p == "null":
		case strings.HasSuffix(p, "/"):
			return path.Join(p, name)
		default:
			return p
		}
	}
	return name
}

// sha256Of takes a digest in hex or base64 and gives it in lower-case hex.
func sha256Of(text string) (string, error) {
	if sum, err := hex.DecodeString(text); err == nil {
		return hex.EncodeToString(sum), nil
	}
	if sum, err := base64.StdEncoding.DecodeString(text); err == nil {
		return hex.EncodeToString(sum), nil
	}
	return "", problem.Bad("Upload-Metadata: sha256 has to be a SHA-256 in hexadecimal digits or in base64.")
}
