package bundle

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Rules are what the configuration says about imports.
type Rules struct {
	// OldestVersion of NOMAD whose bundles are taken (bundle_import.required_nomad_version).
	OldestVersion string
	// FromOases lets people who are no administrators import published uploads of their own
	// (bundle_import.allow_bundles_from_oasis); Unpublished then also drafts.
	FromOases, Unpublished bool
}

// futureAllowed is how far times may be ahead of ours.
const futureAllowed = 2 * time.Minute

// failed is the 400 of an import that cannot be done.
func failed(format string, args ...any) *problem.Error {
	p := problem.Bad(format, args...)
	p.Detail = "Failed to import bundle: " + p.Detail
	return p
}

// wanted are the keys an object must have, in the order they are asked for.
func wanted() []struct {
	object string
	keys   []string
} {
	return []struct {
		object string
		keys   []string
	}{
		{"", []string{"upload_id", "source", "export_settings", "upload", "entries"}},
		{"source", []string{"version", "commit", "deployment", "deployment_url"}},
		{"export_settings", []string{"include_raw_files", "include_archive_files", "include_datasets"}},
		{"upload", []string{"_id", "main_author", "upload_create_time", "process_status", "license", "embargo_length"}},
	}
}

// check refuses what is wrong with the bundle as such (spec bundles-federation.md §2).
func (in *info) check(o *Options, rules Rules, now time.Time) error {
	for _, w := range wanted() {
		for _, key := range w.keys {
			if !in.keys[w.object][key] {
				return failed("Missing key in bundle_info.json: %s", key)
			}
		}
	}
	u := in.Upload
	switch {
	case older(in.Source.Version, rules.OldestVersion):
		return failed("Bad bundle version")
	case u.ID != in.UploadID:
		return failed("Mismatching upload_id")
	case !upload.IsID(in.UploadID):
		return failed("%q is not the id of an upload", in.UploadID)
	case o.RawFiles && !in.Contents.RawFiles, o.ArchiveFiles && !in.Contents.ArchiveFiles, o.Datasets && !in.Contents.Datasets:
		return failed("The bundle does not hold everything that is to be imported. Leave out what it lacks: its export_settings say what it has")
	case u.EmbargoLength == nil || *u.EmbargoLength < 0 || *u.EmbargoLength > upload.MaxEmbargo:
		return failed("Invalid embargo_length, must be between 0 and %d months", upload.MaxEmbargo)
	case o.FromOasis && in.Source.DeploymentURL == "" && text(u.OasisURL) == "":
		return failed("No source deployment_url defined")
	}
	for _, at := range []instant{u.CreateTime, u.PublishTime, u.LastUpdate, u.CompleteTime} {
		if time.Time(at).After(now.Add(futureAllowed)) {
			return failed("Timestamp is in the future")
		}
	}
	if time.Time(u.CreateTime).IsZero() {
		return failed("Missing key in bundle_info.json: upload_create_time")
	}
	return nil
}

// older compares versions by their numbers; what is no number counts as the lowest.
func older(version, than string) bool {
	return slices.Compare(numbers(version), numbers(than)) < 0
}

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		digits := part
		if i := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
			digits = part[:i]
		}
		n, _ := strconv.Atoi(cmp.Or(digits, "0")) // too large is as good as zero: nobody has such versions
		all = append(all, n)
	}
	return all
}

// readEntry reads and checks an entry of the bundle.
func (in *info) readEntry(raw json.RawMessage, now time.Time) (*entryRecord, error) {
	keys, err := keysOf(raw)
	if err != nil {
		return nil, failed("an entry is no JSON object")
	}
	for _, key := range []string{"_id", "upload_id", "mainfile", "parser_name", "process_status", "entry_create_time"} {
		if !keys[key] {
			return nil, failed("Missing key in bundle_info.json: %s", key)
		}
	}
	var e entryRecord
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, failed("an entry cannot be read: %s", err).Because(err)
	}
	switch clean, err := upload.SafePath(e.Mainfile); {
	case e.UploadID != in.UploadID:
		return nil, failed("Mismatching upload_id in entry definition")
	case err != nil || clean != e.Mainfile || clean == "":
		return nil, failed("Bad mainfile of entry %s", e.ID)
	case e.ID != upload.EntryID(in.UploadID, e.Mainfile, text(e.MainfileKey)):
		return nil, failed("Provided entry id does not match generated value")
	case upload.Status(e.ProcessStatus) != upload.Success && upload.Status(e.ProcessStatus) != upload.Failure:
		return nil, failed("Invalid entry `process_status`")
	}
	for _, at := range []instant{e.CreateTime, e.LastProcessing, e.LastEdit, e.CompleteTime} {
		if time.Time(at).After(now.Add(futureAllowed)) {
			return nil, failed("Timestamp is in the future")
		}
	}
	return &e, nil
}
