package search_test

import (
	"net/url"
	"strings"
	"testing"

	"oasis/internal/data/search"
)

// A body of ten megabytes that is nothing but empty objects once made the server
// keep 1.6 GB, for anybody who could reach it. What is counted is refused while it
// is read, so the rest of such a body costs nothing.
func TestQueryOfMillionsOfPartsIsRefusedWhileItIsRead(t *testing.T) {
	t.Parallel()
	const n = 300_000
	repeat := func(item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	for name, attack := range map[string]struct{ body, refused string }{
		"empty objects in or":    {`{"query":{"or":[` + repeat(`{}`) + `]}}`, `["body","query","or",`},
		"empty objects in and":   {`{"query":{"and":[` + repeat(`{}`) + `]}}`, `["body","query","and",`},
		"empty lists":            {`{"query":{"upload_id":[` + repeat(`[]`) + `]}}`, `["body","query","upload_id",`},
		"ors in ors":             {`{"query":{"or":[` + repeat(`{"or":[{}]}`) + `]}}`, `["body","query","or",`},
		"objects in not queries": {`{"pagination":[` + repeat(`{}`) + `]}`, `["body","pagination",`},
		"values":                 {`{"query":{"entry_id:any":[` + repeat(`"x"`) + `]}}`, `["body","query","entry_id:any",65536]`},
		"null values":            {`{"query":{"or":[` + repeat(`null`) + `]}}`, `["body","query","or",65536]`},
	} {
		_, err := search.ParseBody([]byte(attack.body), noon)
		if got := refusal(t, err); !strings.HasPrefix(got, attack.refused) || !strings.Contains(got, "A request can have at most") {
			t.Errorf("%s: %s", name, got)
		}
	}
	_, err := search.ParseValues(url.Values{"json_query": {`{"or":[` + repeat(`{}`) + `]}`}}, noon)
	if got := refusal(t, err); !strings.HasPrefix(got, `["query","json_query","or",`) {
		t.Errorf("json_query: %s", got)
	}
}

func TestLongListOfValuesIsTaken(t *testing.T) {
	t.Parallel()
	list := strings.TrimSuffix(strings.Repeat(`"x",`, 1<<16), ",")
	if _, err := search.ParseBody([]byte(`{"query":{"entry_id:any":[`+list+`]}}`), noon); err != nil {
		t.Fatal(err)
	}
}
