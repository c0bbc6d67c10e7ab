package search_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/search"
)

func canonical(t *testing.T, document string) *search.Part {
	t.Helper()
	part, err := search.Canonical(&search.Entry{ID: "e", UploadID: "u", Mainfile: "a.yaml", ProcessStatus: "SUCCESS", Document: json.RawMessage(document)})
	if err != nil {
		t.Fatal(err)
	}
	return part
}

func TestDocumentIsCutToWhatIsRequired(t *testing.T) {
	t.Parallel()
	const document = `{"entry_name":"n\"{[,]}","files":["a","b"],"datasets":[],"text_search_contents":["x"],
		"results":{"material":{"elements":["Ti","O"],"topology":[{"label":"a","n":1},{"n":2},{"label":"b"}]},"eln":{},"properties":{"n_calculations":0}},
		"data":{"steps":[{"name":"s"},null,{"t":1.5e-9}]},"search_quantities":[{"id":"x"}]}`
	const upload = `{"upload_name":"lab","main_author":{"user_id":"1","name":"A"}}`
	const head = `"calc_id":"e",`
	for _, row := range []struct {
		name     string
		required search.Required
		full     bool
		want     string
	}{
		{"everything but the text bag", search.Required{}, true, `{` + head + `"data":{"steps":[{"name":"s"},null,{"t":1.5e-9}]},"datasets":[],"entry_id":"e","entry_name":"n\"{[,]}","files":["a","b"],"mainfile":"a.yaml","n_quantities":0,"process_status":"SUCCESS","processed":true,"readonly":false,"results":{"eln":{},"material":{"elements":["Ti","O"],"topology":[{"label":"a","n":1},{"n":2},{"label":"b"}]},"properties":{"n_calculations":0}},"search_quantities":[{"id":"x"}],"upload_id":"u","upload_name":"lab","main_author":{"user_id":"1","name":"A"}}`},
		{"citation only for others", search.Required{Include: []string{"*"}, Exclude: []string{"results*"}}, false, `{` + head + `"datasets":[],"entry_id":"e","entry_name":"n\"{[,]}","mainfile":"a.yaml","n_quantities":0,"process_status":"SUCCESS","processed":true,"readonly":false,"upload_id":"u","upload_name":"lab","main_author":{"user_id":"1","name":"A"}}`},
		{"nothing", search.Required{Include: []string{}, Always: []string{"entry_id", "results.properties.n_calculations"}}, true, `{"entry_id":"e","results":{"properties":{"n_calculations":0}}}`},
		{"one name", search.Required{Include: []string{"results.material.topology.label"}}, true, `{"results":{"material":{"topology":[{"label":"a"},{"label":"b"}]}}}`},
		{"pattern", search.Required{Include: []string{"results.*elements", "*_name"}}, true, `{"entry_name":"n\"{[,]}","results":{"material":{"elements":["Ti","O"]}},"upload_name":"lab"}`},
		{"section", search.Required{Include: []string{"main_author"}}, true, `{"main_author":{"user_id":"1","name":"A"}}`},
		{"include, then exclude", search.Required{Include: []string{"results*"}, Exclude: []string{"*topology*", "results.properties"}}, true, `{"results":{"eln":{},"material":{"elements":["Ti","O"]}}}`},
		{"always wins over exclude", search.Required{Exclude: []string{"*"}, Always: []string{"entry_id"}}, true, `{"entry_id":"e"}`},
		{"withheld wins over always", search.Required{Include: []string{"data.*", "files", "search_quantities*", "text_search_contents"}, Always: []string{"data.steps.name"}}, false, `{}`},
		{"text bag on request", search.Required{Include: []string{"text_search_contents"}}, true, `{"text_search_contents":["x","n\"{[,]}"]}`},
		{"values of a custom schema", search.Required{Include: []string{"data.steps.t"}}, true, `{"data":{"steps":[{"t":1.5e-9}]}}`},
	} {
		got := search.NewRenderer(row.required).Document(canonical(t, document).JSON, json.RawMessage(upload), row.full)
		if string(got) != row.want {
			t.Errorf("%s:\n got %s\nwant %s", row.name, got, row.want)
		}
	}
}

func TestProcessingCannotForgeWhatBelongsToTheUpload(t *testing.T) {
	t.Parallel()
	part := canonical(t, `{"published":true,"main_author":{"user_id":"x"},"viewers":[],"license":"CC0","entry_id":"other","upload_id":"other","process_status":"READY","x":{"y":null}}`)
	want := `{"calc_id":"e","entry_id":"e","mainfile":"a.yaml","n_quantities":0,"process_status":"SUCCESS","processed":true,"readonly":false,"upload_id":"u","x":{}}`
	if string(part.JSON) != want {
		t.Errorf("got %s\nwant %s", part.JSON, want)
	}
	again, err := search.Canonical(&search.Entry{ID: "e", UploadID: "u", Mainfile: "a.yaml", Document: part.JSON})
	if err != nil || string(again.JSON) != want {
		t.Errorf("not the same a second time: %s, %v", again.JSON, err)
	}
}

func TestDocumentThatIsNoObjectIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := search.Canonical(&search.Entry{ID: "e", Document: json.RawMessage(`[]`)}); err == nil || !strings.Contains(err.Error(), "entry e") {
		t.Errorf("got %v", err)
	}
}

func TestDataIsRebuiltFromStoredQuantities(t *testing.T) {
	t.Parallel()
	part := canonical(t, `{"search_quantities":[
		{"id":"data.steps.name#s","path_archive":"data.steps.2.name","str_value":"c"},
		{"id":"data.steps.name#s","path_archive":"data.steps.0.name","str_value":"a"},
		{"id":"data.mass#s","path_archive":"data.mass","float_value":1.5},
		{"id":"data.huge#s","path_archive":"data.huge.99999999.x","int_value":1},
		{"id":"data.none#s","path_archive":"data.none"},
		{"id":"x#s","path_archive":"elsewhere","int_value":1}]}`)
	data, _ := json.Marshal(part.Tree["data"])
	if want := `{"huge":{"99999999":{"x":1}},"mass":1.5,"steps":[{"name":"a"},null,{"name":"c"}]}`; string(data) != want {
		t.Errorf("got %s\nwant %s", data, want)
	}
}

func TestFreeTextHasNoTags(t *testing.T) {
	t.Parallel()
	part := canonical(t, `{"entry_name":"film","comment":"film","text_search_contents":["<p class=\"x\">a <b>bold</b> word</p>","1 < 2 > 0"," film "],"datasets":[{"dataset_name":"set"}]}`)
	texts, _ := json.Marshal(part.Tree["text_search_contents"])
	if want := `["a  bold  word","1 \u003c 2 \u003e 0","film","set"]`; string(texts) != want {
		t.Errorf("got %s\nwant %s", texts, want)
	}
}

func TestMembersShowOnlyToMembers(t *testing.T) {
	t.Parallel()
	f := search.UploadFacts{ID: "u", Name: "lab", License: "CC0", CreateTime: noon, PublishTime: noon.Add(time.Hour), EmbargoLength: 3,
		MainAuthor: search.Person{UserID: "1", Name: "A B"}, Coauthors: []search.Person{{UserID: "2", Name: "C D"}},
		Reviewers: []search.Person{{UserID: "3", Name: "E F"}}, CoauthorGroups: []string{"g"}, ReviewerGroups: []string{"all"}}
	others := `{"upload_name":"lab","upload_create_time":"2024-05-17T12:30:45+00:00","published":true,"publish_time":"2024-05-17T13:30:45+00:00","with_embargo":true,"license":"CC0","origin":"A B","main_author":{"user_id":"1","name":"A B"},"authors":[{"user_id":"1","name":"A B"},{"user_id":"2","name":"C D"}]`
	if got := string(f.JSON(false)); got != others+`}` {
		t.Errorf("others get %s", got)
	}
	members := others + `,"writers":[{"user_id":"1","name":"A B"},{"user_id":"2","name":"C D"}],"viewers":[{"user_id":"1","name":"A B"},{"user_id":"2","name":"C D"},{"user_id":"3","name":"E F"}],"writer_groups":["g"],"viewer_groups":["g","all"]}`
	if got := string(f.JSON(true)); got != members {
		t.Errorf("members get %s", got)
	}
	if slices.Contains(f.FreeText(), "E F") {
		t.Error("a reviewer can be found by free text")
	}
}

func TestTextsAreSplitIntoWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hello, World!":          "hello|world",
		"TiO2-film_3 (new)":      "tio2|film_3|new",
		"it's 3.5 or 1,000":      "it's|3.5|or|1,000",
		"end. Next":              "end|next",
		"a.b file.tar.gz":        "a.b|file.tar.gz",
		"Größe ÄÖ é":             "größe|äö|é",
		"二酸化チタン":                 "二|酸|化|チタン",
		" .-/ ":                  "",
		strings.Repeat("x", 256): strings.Repeat("x", 255) + "|x",
	} {
		if got := strings.Join(search.Text.Tokens(text), "|"); got != want {
			t.Errorf("%q is split into %q, want %q", text, got, want)
		}
	}
	if got := strings.Join(search.Segments.Tokens("/a/B.yaml/"), "|"); got != "a|B.yaml" {
		t.Error(got)
	}
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]search.Quantity{
		"entry_id":                                    {Type: search.Keyword, Path: "entry_id", Aggregatable: true, Size: 10},
		"calc_id":                                     {Type: search.Keyword, Path: "entry_id", Aggregatable: true, Size: 10},
		"results.material.elements":                   {Type: search.Enum, List: true, AllByDefault: true, Aggregatable: true, Size: 10},
		"results.material.topology.elements":          {Type: search.Enum, List: true, AllByDefault: true, Aggregatable: true, Size: 10, Nested: "results.material.topology"},
		"results.material.functional_type":            {Type: search.Keyword, List: true, Aggregatable: true, Size: 20},
		"results.method.simulation.dft.jacobs_ladder": {Type: search.Enum, Aggregatable: true, Size: 100},
		"results.material.topology.elemental_composition.element": {Type: search.Enum, Aggregatable: true, Size: 10, Nested: "results.material.topology.elemental_composition"},
		"mainfile.path":        {Type: search.Segments, Path: "mainfile", Size: 10},
		"viewers.user_id":      {Type: search.Keyword, List: true, Aggregatable: true, Size: 10, OfUpload: true, Guard: search.GuardMembers},
		"text_search_contents": {Type: search.Words, List: true, Size: 10, Guard: search.GuardFull},
		"search_quantities.id": {Type: search.Keyword, Aggregatable: true, Size: 10, Guard: search.GuardFull, Nested: "search_quantities"},
	} {
		want.Name = name
		if want.Path == "" {
			want.Path = name
		}
		got, ok := search.Lookup(name)
		if !ok || *got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, want)
		}
	}
	if got := search.ParentSection("results.material.topology.elemental_composition"); got != "results.material.topology" {
		t.Errorf("parent is %q", got)
	}
}
