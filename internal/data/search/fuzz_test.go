package search_test

import (
	"encoding/json"
	"net/url"
	"reflect"
	"testing"

	"oasis/internal/data/search"
	"oasis/internal/problem"
)

// A body is either refused with a 422, or its echo can be sent back and means the same.
func FuzzParseBody(f *testing.F) {
	f.Add(`{"owner":"visible","query":{"and":[{"results.material.elements:any":["Ti"]},{"n_quantities":{"gte":0,"lt":9}}]},"pagination":{"page_size":5,"order":"desc","order_by":"upload_create_time","page_after_value":"1:x"}}`)
	f.Add(`{"query":{"entry_references":{"target_entry_id":"x","not":{"target_name:none":["a"]}}},"required":{"include":["data.*"],"exclude":["*.x"]}}`)
	f.Add(`{"query":{"upload_create_time":{"gt":"now-7d/d","lte":"2020-01-31||+1M/d"}},"aggregations":{"a":{"terms":{"quantity":"entry_type","include":["x"],"metrics":["n_uploads"]}}}}`)
	f.Add(`{"query":{"data.a.b#entry_id:E.S#float:gte":1e-9,"":{}}}`)
	f.Add(`{"query":{"name":"upload_id","value":["x"]}}`)
	f.Add(`{"query":{"prefix":"results","query":{"material":{"chemical_formula_hill":"TiO2"}}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		r, err := search.ParseBody([]byte(body), noon)
		if err != nil {
			if p := problem.As(err); p == nil || p.Kind != problem.Unprocessable || len(p.Fields) == 0 {
				t.Fatalf("not a 422: %v", err)
			}
			return
		}
		echo, err := json.Marshal(search.Echo(r.Where))
		if err != nil {
			t.Fatal(err)
		}
		again, err := search.ParseBody([]byte(`{"query":`+string(echo)+`}`), noon)
		if err != nil {
			t.Fatalf("echo %s of %s: %v", echo, body, err)
		}
		if second, _ := json.Marshal(search.Echo(again.Where)); string(second) != string(echo) {
			t.Fatalf("echo %s comes back as %s", echo, second)
		}
	})
}

// Parameters are either refused with a 422 or mean the same when asked again.
func FuzzParseValues(f *testing.F) {
	f.Add(`results.material.elements=Ti&results.material.elements=O&owner=visible`)
	f.Add(`n_quantities__gte=3&n_quantities__lt=9&order_by=mainfile&page=2`)
	f.Add(`q=upload_id__any__x&q=n_quantities__4&json_query={"not":{"upload_id":"y"}}`)
	f.Add(`upload_create_time__gt=2020-01&published=false&include=*&exclude=results*`)
	f.Add(`data.x%23s.S%23str=a&page_after_value=a:b&order_by=upload_name`)
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r, err := search.ParseValues(values, noon)
		if err != nil {
			if p := problem.As(err); p == nil || p.Kind != problem.Unprocessable || len(p.Fields) == 0 {
				t.Fatalf("not a 422: %v", err)
			}
			return
		}
		again, err := search.ParseValues(values, noon)
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Fatalf("asked twice: %+v and %+v, %v", r, again, err)
		}
	})
}
