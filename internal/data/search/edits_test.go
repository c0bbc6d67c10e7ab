package search_test

import (
	"encoding/json"
	"strings"
	"testing"

	"oasis/internal/data/search"
)

// What people say stands in place of what processing found, in the document and
// in the free text; what they cleared is gone.
func TestEditsReplaceWhatProcessingFound(t *testing.T) {
	t.Parallel()
	const found = `{"entry_name":"n","comment":"<b>old words</b>","references":["https://a.example"],"external_id":"x",
		"text_search_contents":["n","old words","other"]}`
	for name, tc := range map[string]struct{ edits, comment, references, free string }{
		"nothing":  {``, `<b>old words</b>`, `["https://a.example"]`, "n|old words|other"},
		"replaced": {`{"comment":"fresh","references":["https://b.example"]}`, "fresh", `["https://b.example"]`, "n|other|fresh"},
		"cleared":  {`{"comment":null,"references":null}`, "", "null", "n|other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part, err := search.Canonical(&search.Entry{ID: "e", UploadID: "u", Document: json.RawMessage(found), Edits: json.RawMessage(tc.edits)})
			if err != nil {
				t.Fatal(err)
			}
			comment, _ := part.Tree["comment"].(string)
			references, err := json.Marshal(part.Tree["references"])
			if err != nil {
				t.Fatal(err)
			}
			var free []string
			for _, v := range part.Tree["text_search_contents"].([]any) {
				free = append(free, v.(string))
			}
			if comment != tc.comment || string(references) != tc.references || strings.Join(free, "|") != tc.free || part.Tree["external_id"] != "x" {
				t.Errorf("%s\ncomment %q, references %s, free text %q", part.JSON, comment, references, free)
			}
			if strings.Contains(string(part.JSON), "null") {
				t.Errorf("a null in %s", part.JSON)
			}
		})
	}
	if _, err := search.Canonical(&search.Entry{ID: "e", Edits: json.RawMessage(`[]`)}); err == nil {
		t.Error("edits that are no object")
	}
}

// external_db belongs to the upload and decides the origin of its entries.
func TestOriginIsTheDatabaseTheDataCameFrom(t *testing.T) {
	t.Parallel()
	f := search.UploadFacts{ID: "u", MainAuthor: search.Person{UserID: "a", Name: "Ann"}}
	for db, origin := range map[string]string{"": "Ann", "OQMD": "OQMD"} {
		f.ExternalDB = db
		if got := f.Texts("origin"); len(got) != 1 || got[0] != origin {
			t.Errorf("origin of %q: %v", db, got)
		}
		var doc map[string]any
		if err := json.Unmarshal(f.JSON(false), &doc); err != nil {
			t.Fatal(err)
		}
		if have, _ := doc["external_db"].(string); have != db || doc["origin"] != origin {
			t.Errorf("%s", f.JSON(false))
		}
	}
}
