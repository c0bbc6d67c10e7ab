package v1

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// bodyOf gives the files in the body of a request, one after another as they
// arrive (spec uploads.md §3.3). A multipart form holds them in parts named
// "file"; any other body, whatever its content type, is one file.
func bodyOf(r *http.Request, name string) (upload.Body, error) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // an unreadable one is any other
	if kind != "multipart/form-data" {
		return &wholeBody{reader: r.Body, name: name}, nil
	}
	if params["boundary"] == "" {
		return nil, problem.Bad("The multipart form has no boundary in its Content-Type.")
	}
	return &formBody{reader: multipart.NewReader(r.Body, params["boundary"])}, nil
}

// wholeBody is a body that is one file. One of zero bytes is no file.
type wholeBody struct {
	reader io.Reader
	name   string
	done   bool
}

// Next gives the file once.
func (b *wholeBody) Next() (*upload.Part, error) {
	if b.done || b.reader == nil {
		return nil, io.EOF
	}
	b.done = true
	var first [1]byte
	if _, err := io.ReadFull(b.reader, first[:]); err != nil {
		return nil, err // io.EOF for an empty body
	}
	return &upload.Part{Name: b.name, Reader: io.MultiReader(bytes.NewReader(first[:]), b.reader)}, nil
}

// formBody is a multipart form.
type formBody struct {
	reader *multipart.Reader
	files  int
}

// Next gives the next part named "file" and skips others. A form without any is
// refused: NOMAD 2.0.0 answers it with success and an empty upload.
func (b *formBody) Next() (*upload.Part, error) {
	for {
		part, err := b.reader.NextRawPart()
		if errors.Is(err, io.EOF) && b.files == 0 {
			return nil, problem.Bad("The form has no part named `file`.")
		}
		if err != nil {
			return nil, err
		}
		if part.FormName() != "file" {
			continue
		}
		b.files++
		name, ok := fileName(part.Header.Get("Content-Disposition"))
		if !ok {
			return nil, problem.Bad("Bad file name provided.")
		}
		return &upload.Part{Name: name, Reader: part}, nil
	}
}

// fileName takes the name out of a part's Content-Disposition. Unlike
// Part.FileName it keeps folders, so that they are refused and not dropped.
func fileName(disposition string) (string, bool) {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil || params["filename"] == "" {
		return "", false
	}
	name := params["filename"]
	if !strings.Contains(name, "%") {
		return name, true
	}
	if decoded, err := url.PathUnescape(name); err == nil { // clients percent-encode names
		return decoded, true
	}
	return name, true
}
