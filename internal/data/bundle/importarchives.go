package bundle

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// archives writes the archives of the bundle.
func (in *incoming) archives(ctx context.Context, write func([]upload.ArchiveBlob) error) error {
	if !in.options.ArchiveFiles {
		return nil
	}
	var portion []upload.ArchiveBlob
	size, documents := 0, 0
	give := func(id string, archive any) error {
		if _, wanted := in.entries[id]; !wanted || slices.ContainsFunc(portion, func(b upload.ArchiveBlob) bool { return b.EntryID == id }) {
			return nil
		}
		blob, document, err := in.entryOf(id, archive)
		if err != nil {
			return err
		}
		in.documents[id] = document
		if documents += len(document); documents > mostDocuments {
			return problem.New(problem.TooLarge, "The bundle has too many entries to be imported at once.")
		}
		portion, size = append(portion, upload.ArchiveBlob{EntryID: id, JSON: blob}), size+len(blob)
		if len(portion) < archivesAtOnce && size < bytesAtOnce {
			return nil
		}
		defer func() { portion, size = nil, 0 }()
		return write(portion)
	}
	err := in.members(ctx, func(ctx context.Context, m unpack.Member) error {
		combined := strings.HasPrefix(m.Path, "archive-public-") || strings.HasPrefix(m.Path, "archive-restricted-")
		switch {
		case m.Folder || !strings.HasSuffix(m.Path, ".msg"):
			return nil
		case combined:
			return in.at(ctx, m, func(data *io.SectionReader) error { return damagedArchive(readCombined(data, data.Size(), give)) })
		case strings.HasPrefix(m.Path, "archive/"):
			return in.oneArchive(m, give)
		}
		return nil
	})
	if err == nil && len(portion) > 0 {
		err = write(portion)
	}
	return err
}

func (in *incoming) oneArchive(m unpack.Member, give func(string, any) error) error {
	text, err := io.ReadAll(io.LimitReader(m.Body, maxArchive))
	if err != nil {
		return err
	}
	archives, err := readEntryFile(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return damagedArchive(err)
	}
	for id, archive := range archives {
		if err := give(id, archive); err != nil {
			return err
		}
	}
	return nil
}

func damagedArchive(err error) error {
	if errors.Is(err, errContainer) || errors.Is(err, errMsgpack) {
		return failed("an archive file is damaged").Because(err)
	}
	return err
}
