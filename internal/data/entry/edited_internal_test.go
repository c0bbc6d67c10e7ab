package entry

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func spliced(archive string, replace func([]byte) ([]byte, error)) (string, error) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	err := splice(w, bufio.NewReaderSize(strings.NewReader(archive), 16), replace)
	err = errors.Join(err, w.Flush())
	return out.String(), err
}

func TestOnlyTheMetadataOfTheArchiveIsReplaced(t *testing.T) {
	t.Parallel()
	for archive, want := range map[string]string{
		`{"metadata":{"a":1}}`: `{"metadata":X}`,
		`{"data":{"metadata":{"a":1},"x":"}\"{,"},"metadata":{"a":"},"},"results":[1,{"metadata":2}]}`: `{"data":{"metadata":{"a":1},"x":"}\"{,"},"metadata":X,"results":[1,{"metadata":2}]}`,
		`{"data":"metadata","x":{}}`:     `{"data":"metadata","x":{}}`,
		`{"metadata":null,"y":[]}`:       `{"metadata":X,"y":[]}`,
		`{"the metadata":{},"meta":1}`:   `{"the metadata":{},"meta":1}`,
		`{}`:                             `{}`,
		`{"a":"\\","metadata":{"b":[]}}`: `{"a":"\\","metadata":X}`,
	} {
		got, err := spliced(archive, func([]byte) ([]byte, error) { return []byte("X"), nil })
		if err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", archive, got, err, want)
		}
	}
}

// FuzzSplice compares with reading the whole archive: every member stays what it
// was, and the metadata is handed over as it is.
func FuzzSplice(f *testing.F) {
	for _, seed := range []string{`{"metadata":{"a":[1,"}"]},"b":"\u0022,"}`, `{"b":{"c":[{}]},"metadata":1.5e3}`, `{"metadata":"x\\\""}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var before map[string]any
		if json.Unmarshal([]byte(text), &before) != nil || before == nil {
			t.Skip()
		}
		archive, err := json.Marshal(before) // the form in which archives are stored
		if err != nil {
			t.Skip()
		}
		calls := 0
		got, err := spliced(string(archive), func(metadata []byte) ([]byte, error) {
			calls++
			var value any
			if err := json.Unmarshal(metadata, &value); err != nil || !reflect.DeepEqual(value, before["metadata"]) {
				t.Errorf("handed over %s, %v", metadata, err)
			}
			return []byte(`"replaced"`), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, has := before["metadata"]; has != (calls == 1) {
			t.Fatalf("%d calls for %s", calls, archive)
		} else if has {
			before["metadata"] = "replaced"
		}
		var after map[string]any
		if err := json.Unmarshal([]byte(got), &after); err != nil || !reflect.DeepEqual(after, before) {
			t.Errorf("%s became %s, %v", archive, got, err)
		}
	})
}

func TestArchiveShowsWhatPeopleSaid(t *testing.T) {
	t.Parallel()
	stored := `{"data":{"comment":"kept"},"metadata":{"comment":"of the file","entry_name":"n","references":["https://a.example"]},"results":{}}`
	day := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	open := func(e Entry, whole time.Time) (string, map[string]any) {
		t.Helper()
		e.CreateTime = day
		text, err := io.ReadAll(e.edited(io.NopCloser(strings.NewReader(stored)), whole))
		if err != nil {
			t.Fatal(err)
		}
		var archive struct {
			Data     map[string]any
			Metadata map[string]any
		}
		if err := json.Unmarshal(text, &archive); err != nil || archive.Data["comment"] != "kept" {
			t.Fatalf("%v in %s", err, text)
		}
		return string(text), archive.Metadata
	}
	if text, _ := open(Entry{}, time.Time{}); text != stored {
		t.Errorf("nobody said anything, and yet: %s", text)
	}
	_, got := open(Entry{Edits: json.RawMessage(`{"comment":"mine","references":null,"external_id":"x"}`), LastEdit: day.Add(time.Hour)}, day)
	want := map[string]any{
		"comment": "mine", "external_id": "x", "entry_name": "n", "entry_create_time": "2026-11-21T00:00:00+00:00", "last_edit_time": "2026-11-21T01:00:00+00:00",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if _, got := open(Entry{}, day.Add(2*time.Hour)); got["last_edit_time"] != "2026-11-21T02:00:00+00:00" || got["comment"] != "of the file" {
		t.Errorf("an edit of the upload: %v", got)
	}
	// Who stops reading ends the work behind it.
	e := Entry{LastEdit: day}
	archive := e.edited(io.NopCloser(strings.NewReader(stored)), day)
	if err := archive.Close(); err != nil {
		t.Error(err)
	}
	broken := e.edited(io.NopCloser(strings.NewReader(`{"metadata":[1]}`)), day)
	if _, err := io.ReadAll(broken); err == nil {
		t.Error("an archive whose metadata is no object was read to its end")
	}
}
