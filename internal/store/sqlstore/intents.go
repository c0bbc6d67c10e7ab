package sqlstore

import (
	"context"
	"encoding/base64"

	"oasis/internal/data/upload"
)

// Reading of intents. They are written in uploads.go, with the rows they belong to.

const intentColumns = `id, upload_id, kind, staged, path, sha256, body`

func scanIntent(r row) (in upload.Intent, err error) {
	var body string
	if err := r.Scan(&in.ID, &in.UploadID, &in.Kind, &in.Staged, &in.Path, &in.SHA256, &body); err != nil || body == "" {
		return in, err
	}
	in.Body, err = base64.StdEncoding.DecodeString(body)
	return in, err
}

func (s uploadStore) Intents(ctx context.Context, uploadID string) ([]upload.Intent, error) {
	return list(ctx, s.engine.reader(), scanIntent,
		`select `+intentColumns+` from intents where $1 = '' or upload_id = $1 order by id`, uploadID)
}

func (s uploadStore) Promised(ctx context.Context) ([]upload.Promise, error) {
	scan := func(r row) (p upload.Promise, err error) { return p, r.Scan(&p.UploadID, &p.Staged) }
	return list(ctx, s.engine.reader(), scan, `select upload_id, staged from intents order by id`)
}
