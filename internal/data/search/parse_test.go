package search_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/search"
	"oasis/internal/problem"
)

var noon = time.Date(2024, 5, 17, 12, 30, 45, 0, time.UTC) // a Friday

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// refusal gives the one field of a 422 as "loc: msg".
func refusal(t *testing.T, err error) string {
	t.Helper()
	p := problem.As(err)
	if p == nil || p.Kind != problem.Unprocessable || len(p.Fields) != 1 {
		t.Fatalf("not a 422 with one field: %v", err)
	}
	return asJSON(t, p.Fields[0].Loc) + ": " + p.Fields[0].Msg
}

func TestQueryIsRepeatedInItsNormalForm(t *testing.T) {
	t.Parallel()
	for query, echo := range map[string]string{
		`null`:                              `{"and":[]}`,
		`{}`:                                `{"and":[]}`,
		`{"upload_id":"x"}`:                 `{"name":"upload_id","value":"x"}`,
		`{"upload_name":["a","b"]}`:         `{"name":"upload_name","value":{"all":["a","b"]}}`,
		`{"quantities":[]}`:                 `{"name":"quantities","value":{"all":[]}}`,
		`{"entry_id:any":["1"]}`:            `{"name":"entry_id","value":{"any":["1"]}}`,
		`{"entry_id":{"any":["1"]}}`:        `{"name":"entry_id","value":{"any":["1"]}}`,
		`{"entry_id:none":["1"]}`:           `{"name":"entry_id","value":{"none":["1"]}}`,
		`{"entry_id:any":"1"}`:              `{"name":"entry_id","value":{"any":["1"]}}`,
		`{"n_quantities":{"gte":3,"lt":9}}`: `{"name":"n_quantities","value":{"lt":9,"gte":3}}`,
		`{"n_quantities:gte":0}`:            `{"name":"n_quantities","value":{"gte":0}}`,
		`{"n_quantities":{"gte":0}}`:        `{"name":"n_quantities","value":{"gte":0}}`,
		`{"n_quantities:gt":1,"upload_id":"x","n_quantities:lt":3}`: `{"and":[{"name":"n_quantities","value":{"lt":3,"gt":1}},{"name":"upload_id","value":"x"}]}`,
		`{"upload_id":"x","processed":true}`:                        `{"and":[{"name":"upload_id","value":"x"},{"name":"processed","value":true}]}`,
		`{"and":[{"upload_id":"x"}]}`:                               `{"and":[{"name":"upload_id","value":"x"}]}`,
		`{"or":[{"upload_id":"x"},{}]}`:                             `{"or":[{"name":"upload_id","value":"x"},{"and":[]}]}`,
		`{"not":{"upload_id":"x"}}`:                                 `{"not":{"name":"upload_id","value":"x"}}`,
		// The original drops what stands beside and, or, not; we do not.
		`{"upload_id":"x","and":[{"processed":true}]}`:                                 `{"and":[{"name":"upload_id","value":"x"},{"and":[{"name":"processed","value":true}]}]}`,
		`{"entry_references":{"target_entry_id":"x"}}`:                                 `{"prefix":"entry_references","query":{"name":"target_entry_id","value":"x"}}`,
		`{"entry_references":{"target_entry_id:any":["x"]}}`:                           `{"prefix":"entry_references","query":{"name":"target_entry_id","value":{"any":["x"]}}}`,
		`{"entry_references":{"or":[{"target_name":"x"}]}}`:                            `{"prefix":"entry_references","query":{"or":[{"name":"target_name","value":"x"}]}}`,
		`{"name":"upload_id","value":"x"}`:                                             `{"name":"upload_id","value":"x"}`,
		`{"value":{"any":["x"]},"name":"upload_id"}`:                                   `{"name":"upload_id","value":{"any":["x"]}}`,
		`{"prefix":"entry_references","query":{"name":"target_entry_id","value":"x"}}`: `{"prefix":"entry_references","query":{"name":"target_entry_id","value":"x"}}`,
		`{"data.x#entry_id:E.Sample#float":{"gte":1e-9}}`:                              `{"name":"data.x#entry_id:E.Sample#float","value":{"gte":1e-9}}`,
		`{"data.x#entry_id:E.Sample#str:any":["a"]}`:                                   `{"name":"data.x#entry_id:E.Sample#str","value":{"any":["a"]}}`,
		`{"datasets":"x"}`: `{"name":"datasets","value":"x"}`,
	} {
		r, err := search.ParseBody([]byte(`{"query":`+query+`}`), noon)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := asJSON(t, search.Echo(r.Where)); got != echo {
			t.Errorf("%s\n got %s\nwant %s", query, got, echo)
		}
		// What was echoed means the same when it is sent back.
		again, err := search.ParseBody([]byte(`{"query":`+echo+`}`), noon)
		if err != nil || asJSON(t, search.Echo(again.Where)) != echo {
			t.Errorf("echo %s is not accepted back: %v", echo, err)
		}
	}
}

func TestWrongBodiesAreRefusedByName(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                                     `["body"]: Field required`,
		`{`:                                    `["body"]: JSON decode error`,
		`{} {}`:                                `["body"]: JSON decode error`,
		`[]`:                                   `["body"]: The body must be an object`,
		`{"qery":{}}`:                          `["body","qery"]: qery is not supported by this Oasis: leave it out`,
		`{"owner":"me"}`:                       `["body","owner"]: Input should be 'public', 'all', 'visible', 'shared', 'user', 'staging' or 'admin'`,
		`{"owner":1}`:                          `["body","owner"]: Input should be 'public', 'all', 'visible', 'shared', 'user', 'staging' or 'admin'`,
		`{"query":[]}`:                         `["body","query"]: A query must be an object`,
		`{"query":{"foo.bar":1}}`:              `[["foo.bar"]]: foo.bar is not a doc quantity`,
		`{"query":{"foo":{"bar":1}}}`:          `[["foo.bar"]]: foo.bar is not a doc quantity`,
		`{"query":{"foo":{"any":[1]}}}`:        `[["foo"]]: foo is not a doc quantity`,
		`{"query":{"":{"upload_id":1}}}`:       `[[""]]: an empty name is not a doc quantity`,
		`{"query":{"results":{"foo":1}}}`:      `[["results.foo"]]: results.foo is not a doc quantity`,
		`{"query":{"n_quantities":{"foo":3}}}`: `[["n_quantities.foo"]]: n_quantities.foo is not a doc quantity`,
		`{"query":{"n_quantities":{"gte":1,"foo":3}}}`:            `[["n_quantities.foo"]]: n_quantities.foo is not a doc quantity`,
		`{"query":{"n_quantities":{}}}`:                           `[["n_quantities"]]: At least one range boundary must be defined`,
		`{"query":{"n_quantities:gt":1,"n_quantities":{"gt":2}}}`: `[["n_quantities"]]: A quantity can only appear once in a query`,
		`{"query":{"upload_id":"a","upload_id":"b"}}`:             `[["upload_id"]]: A quantity can only appear once in a query`,
		`{"query":{"n_quantities:gt":[1,2]}}`:                     `[["n_quantities"]]: operator gt does not support multiple values`,
		`{"query":{"comment":{"gt":"a"}}}`:                        `[["comment"]]: operator gt cannot be used with comment, it has no order`,
		`{"query":{"n_quantities":"many"}}`:                       `[["n_quantities"]]: n_quantities is a number, "many" is not`,
		`{"query":{"n_quantities":"0x10"}}`:                       `[["n_quantities"]]: n_quantities is a number, "0x10" is not`,
		`{"query":{"n_quantities":true}}`:                         `[["n_quantities"]]: n_quantities is a number, "true" is not`,
		`{"query":{"published":"yes"}}`:                           `[["published"]]: published is true or false, "yes" is neither`,
		`{"query":{"upload_id":null}}`:                            `[["upload_id"]]: null is not a value: leave the quantity out, or negate it with none or not`,
		`{"query":{"upload_id":[["x"]]}}`:                         `[["upload_id"]]: the value of upload_id must be a string, a number, true or false`,
		`{"query":{"and":{}}}`:                                    `["body","query","and"]: Input should be a valid list`,
		`{"query":{"not":[]}}`:                                    `["body","query","not"]: Input should be an object: not takes one query`,
		`{"query":{"optimade_filter":"nelements >= 2"}}`:          `["body","query","optimade_filter"]: optimade_filter is not supported by this Oasis yet`,
		`{"query":{"data.x#entry_id:E.S":1}}`:                     `[["data.x#entry_id:E.S"]]: Could not resolve the data type for quantity data.x#entry_id:E.S. Please include the data type in the quantity name using the "#<type>" postfix.`,
		`{"query":{"data.x":1}}`:                                  `[["data.x"]]: data.x is not a doc quantity`,

		`{"pagination":{"page_size":-1}}`:                                     `["body","pagination","page_size"]: page_size must be >= 0`,
		`{"pagination":{"page_size":10001}}`:                                  `["body","pagination","page_size"]: page_size must be <= 10000: get more with page_after_value`,
		`{"pagination":{"page_size":1.5}}`:                                    `["body","pagination","page_size"]: Input should be a valid integer`,
		`{"pagination":{"page":0}}`:                                           `["body","pagination","page"]: Page has to be larger than 1`,
		`{"pagination":{"page_offset":-1}}`:                                   `["body","pagination","page_offset"]: Page offset has to be larger than 0`,
		`{"pagination":{"page":2,"page_offset":1}}`:                           `["body","pagination","page"]: Can only specify one of: page_offset, page, or page_after_value`,
		`{"pagination":{"page":1,"page_size":0}}`:                             `["body","pagination","page"]: Cannot specify page when page_size is set to 0`,
		`{"pagination":{"page_offset":1,"page_size":0}}`:                      `["body","pagination","page_offset"]: Cannot specify page_offset when page_size is set to 0`,
		`{"pagination":{"page_after_value":"x","page_size":0}}`:               `["body","pagination","page_after_value"]: Cannot specify page_after_value when page_size is set to 0`,
		`{"pagination":{"order":"up"}}`:                                       `["body","pagination","order"]: Input should be 'asc' or 'desc'`,
		`{"pagination":{"order_by":"foo"}}`:                                   `[["pagination","order_by"]]: foo is not a doc quantity`,
		`{"pagination":{"order_by":"results.material.elements"}}`:             `[["pagination","order_by"]]: the order_by quantity must be a scalar`,
		`{"pagination":{"order_by":"comment"}}`:                               `[["pagination","order_by"]]: the order_by quantity must be a number, a date, a boolean or a keyword`,
		`{"pagination":{"order_by":"_score"}}`:                                `[["pagination","order_by"]]: sorting by _score is not supported by this Oasis: use a quantity`,
		`{"pagination":{"order_by":"n_quantities","page_after_value":"x:y"}}`: `["body","pagination","page_after_value"]: page_after_value must be the next_page_after_value of the answer before`,
		`{"pagination":{"offset":1}}`:                                         `["body","pagination","offset"]: offset is not supported by this Oasis: leave it out`,

		`{"required":{"include":["results"]}}`: `[["required"]]: results is not a doc quantity`,
		`{"required":{"exclude":["foo"]}}`:     `[["required"]]: foo is not a doc quantity`,
		`{"required":{"only":["foo"]}}`:        `["body","required","only"]: only is not supported by this Oasis: leave it out`,
		`{"required":"*"}`:                     `["body","required"]: required must be an object with include and exclude`,

		`{"aggregations":{"a":{}}}`:                                                       `["body","aggregations","a"]: An aggregation needs a type, such as {"terms": {"quantity": "entry_type"}}`,
		`{"aggregations":{"a":{"histogram":{"quantity":"n_quantities"}}}}`:                `["body","aggregations","a","histogram"]: histogram is not supported by this Oasis: leave it out`,
		`{"aggregations":{"a":{"terms":{}}}}`:                                             `["body","aggregations","a","terms","quantity"]: Field required`,
		`{"aggregations":{"a":{"terms":{"quantity":"foo"}}}}`:                             `[["foo"]]: foo is not a doc quantity`,
		`{"aggregations":{"a":{"terms":{"quantity":"n_quantities"}}}}`:                    `[["aggregation","a","terms","quantity"]]: The aggregation quantity cannot be used in a terms aggregation.`,
		`{"aggregations":{"a":{"terms":{"quantity":"comment"}}}}`:                         `[["aggregation","a","terms","quantity"]]: The aggregation quantity cannot be used in a terms aggregation.`,
		`{"aggregations":{"a":{"terms":{"quantity":"entry_type","size":0}}}}`:             `["body","aggregations","a","terms","size"]: Input should be an integer from 1 to 10000`,
		`{"aggregations":{"a":{"terms":{"quantity":"entry_type","include":"a.*"}}}}`:      `["body","aggregations","a","terms","include"]: String should match pattern '^[a-zA-Z0-9_\\-\\s]+$'`,
		`{"aggregations":{"a":{"terms":{"quantity":"entry_type","metrics":["n_foo"]}}}}`:  `[["statistic","metrics"]]: metric must be the qualified name of a suitable search quantity`,
		`{"aggregations":{"a":{"terms":{"quantity":"entry_type","entries":{"size":1}}}}}`: `["body","aggregations","a","terms","entries"]: entries is not supported by this Oasis: leave it out`,
		`{"aggregations":{"a":{"terms":{"quantity":"entry_type","pagination":{}}}}}`:      `["body","aggregations","a","terms","pagination"]: pagination is not supported by this Oasis: leave it out`,
	} {
		_, err := search.ParseBody([]byte(body), noon)
		if err == nil {
			t.Errorf("%s is accepted", body)
			continue
		}
		want = strings.ReplaceAll(want, `\\`, `\`)
		if got := refusal(t, err); got != want {
			t.Errorf("%s\n got %s\nwant %s", body, got, want)
		}
	}
}

func TestDeepNestingIsRefused(t *testing.T) {
	t.Parallel()
	body := `{"query":` + strings.Repeat(`{"not":`, 10_000) + `{}` + strings.Repeat(`}`, 10_000) + `}`
	_, err := search.ParseBody([]byte(body), noon)
	if got := refusal(t, err); got != `["body"]: The request nests objects deeper than 48 levels` {
		t.Error(got)
	}
}

func TestDatesRoundByOperator(t *testing.T) {
	t.Parallel()
	const layout = "2006-01-02T15:04:05.000"
	for given, want := range map[string][2]string{
		`"2020"`:                      {"2020-01-01T00:00:00.000", "2020-01-01T23:59:59.999"},
		`"2020-03"`:                   {"2020-03-01T00:00:00.000", "2020-03-01T23:59:59.999"},
		`"2020-03-04"`:                {"2020-03-04T00:00:00.000", "2020-03-04T23:59:59.999"},
		`"2020-03-04T05"`:             {"2020-03-04T05:00:00.000", "2020-03-04T05:59:59.999"},
		`"2020-03-04T05:06"`:          {"2020-03-04T05:06:00.000", "2020-03-04T05:06:59.999"},
		`"2020-03-04T05:06:07"`:       {"2020-03-04T05:06:07.000", "2020-03-04T05:06:07.999"},
		`"2020-03-04T05:06:07.25Z"`:   {"2020-03-04T05:06:07.250", "2020-03-04T05:06:07.250"},
		`"2020-03-04T05:06:07+02:00"`: {"2020-03-04T03:06:07.000", "2020-03-04T03:06:07.999"},
		`"2020-03-04T05:06+0200"`:     {"2020-03-04T03:06:00.000", "2020-03-04T03:06:59.999"},
		`1583298367000`:               {"2020-03-04T05:06:07.000", "2020-03-04T05:06:07.000"},
		`"1583298367000"`:             {"2020-03-04T05:06:07.000", "2020-03-04T05:06:07.000"},
		`"now"`:                       {"2024-05-17T12:30:45.000", "2024-05-17T12:30:45.000"},
		`"now-7d/d"`:                  {"2024-05-10T00:00:00.000", "2024-05-10T23:59:59.999"},
		`"now/w"`:                     {"2024-05-13T00:00:00.000", "2024-05-19T23:59:59.999"},
		`"now/M"`:                     {"2024-05-01T00:00:00.000", "2024-05-31T23:59:59.999"},
		`"now/y"`:                     {"2024-01-01T00:00:00.000", "2024-12-31T23:59:59.999"},
		`"now+1h/H"`:                  {"2024-05-17T13:00:00.000", "2024-05-17T13:59:59.999"},
		`"now-90s/m"`:                 {"2024-05-17T12:29:00.000", "2024-05-17T12:29:59.999"},
		`"2020-01-31||+1M/d"`:         {"2020-02-29T00:00:00.000", "2020-02-29T23:59:59.999"},
		`"2020-02-29||-1y"`:           {"2019-02-28T00:00:00.000", "2019-02-28T00:00:00.000"},
	} {
		r, err := search.ParseBody([]byte(`{"query":{"upload_create_time":`+given+`}}`), noon)
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		v := r.Where.(*search.Criterion).Values[0]
		got := [2]string{time.UnixMilli(int64(v.Low)).UTC().Format(layout), time.UnixMilli(int64(v.High)).UTC().Format(layout)}
		if got != want {
			t.Errorf("%s is %v, want %v", given, got, want)
		}
	}
	for _, given := range []string{`"yesterday"`, `"2020-13"`, `"2020-01-01x"`, `"now-7"`, `"now-d7"`, `"now*2d"`, `"now/2d"`, `"2020-01-01||5d"`, `true`, `""`, `1e400`} {
		if _, err := search.ParseBody([]byte(`{"query":{"upload_create_time":`+given+`}}`), noon); err == nil {
			t.Errorf("%s is accepted as a date", given)
		} else if got := refusal(t, err); !strings.Contains(got, "not a date: use ISO 8601") {
			t.Errorf("%s: %s", given, got)
		}
	}
}

func TestFormulasAreComparedInTheirForm(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`{"results.material.chemical_formula_hill":"TiO2"}`:           "O2Ti",
		`{"results.material.chemical_formula_hill":"H4C"}`:            "CH4",
		`{"results.material.topology.chemical_formula_iupac":"O2Ti"}`: "TiO2",
		`{"results.material.chemical_formula_reduced":"TiO2"}`:        "TiO2",
		`{"results.material.chemical_formula_hill":"not one"}`:        "not one",
	} {
		r, err := search.ParseBody([]byte(`{"query":`+query+`}`), noon)
		if err != nil {
			t.Fatal(err)
		}
		c := r.Where.(*search.Criterion)
		if c.Values[0].Text != want {
			t.Errorf("%s is compared as %s, want %s", query, c.Values[0].Text, want)
		}
	}
}

func TestParametersOfGet(t *testing.T) {
	t.Parallel()
	for query, echo := range map[string]string{
		``:                        `{"and":[]}`,
		`upload_id=x`:             `{"name":"upload_id","value":"x"}`,
		`upload_id=x&upload_id=y`: `{"name":"upload_id","value":{"any":["x","y"]}}`,
		`results.material.elements=Ti&results.material.elements=O`: `{"name":"results.material.elements","value":{"all":["Ti","O"]}}`,
		`n_quantities=3`:                                      `{"name":"n_quantities","value":3}`,
		`published=false`:                                     `{"name":"published","value":false}`,
		`n_quantities__gte=3&n_quantities__lt=9`:              `{"name":"n_quantities","value":{"lt":9,"gte":3}}`,
		`upload_id__none=x`:                                   `{"name":"upload_id","value":{"none":["x"]}}`,
		`q=upload_id__x`:                                      `{"name":"upload_id","value":"x"}`,
		`q=n_quantities__gt__4`:                               `{"name":"n_quantities","value":{"gt":4}}`,
		`upload_id=x&q=upload_id__y`:                          `{"name":"upload_id","value":{"any":["y","x"]}}`,
		`json_query={"not":{"upload_id":"x"}}&processed=true`: `{"and":[{"name":"processed","value":true},{"not":{"name":"upload_id","value":"x"}}]}`,
		`json_query={"upload_id":"x"}&upload_id=y`:            `{"name":"upload_id","value":"x"}`,
		`token=secret&signature_token=s`:                      `{"and":[]}`,
		`data.x%23s.S%23int__gte=3`:                           `{"name":"data.x#s.S#int","value":{"gte":3}}`,
	} {
		r, err := search.ParseValues(values(t, query), noon)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if got := asJSON(t, search.Echo(r.Where)); got != echo {
			t.Errorf("%s\n got %s\nwant %s", query, got, echo)
		}
	}
	for query, want := range map[string]string{
		`q=foo`:                                 `["query","q"]: wrong format, use \u003cquantity\u003e[__\u003cop\u003e]__\u003cvalue\u003e`,
		`q=foo__x`:                              `["query","foo__x"]: foo is not a doc quantity`,
		`foo=x`:                                 `["query","foo"]: foo is not a doc quantity`,
		`n_quantities__foo=1`:                   `["query","n_quantities__foo"]: operator foo is unknown`,
		`a__b__c=1`:                             `["query","a__b__c"]: a__b is not a doc quantity`,
		`n_quantities__gt=1&n_quantities__gt=2`: `["query","n_quantities__gt"]: operator gt does not support multiple values`,
		`n_quantities=abc`:                      `[["n_quantities"]]: n_quantities is a number, "abc" is not`,
		`json_query=x`:                          `["query","json_query"]: cannot parse json_query`,
		`json_query={"foo":1}`:                  `[["foo"]]: foo is not a doc quantity`,
		`json_query={"optimade_filter":"x"}`:    `["query","query","optimade_filter"]: optimade_filter is not supported by this Oasis yet`,
		`page_size=-1`:                          `["query","page_size"]: page_size must be >= 0`,
		`page_size=x`:                           `["query","page_size"]: Input should be a valid integer`,
		`owner=me`:                              `["query","owner"]: Input should be 'public', 'all', 'visible', 'shared', 'user', 'staging' or 'admin'`,
		`include=results`:                       `[["required"]]: results is not a doc quantity`,
		`upload_create_time=x`:                  `[["upload_create_time"]]: "x" is not a date`,
	} {
		_, err := search.ParseValues(values(t, query), noon)
		if err == nil {
			t.Errorf("%s is accepted", query)
			continue
		}
		want = strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(want)
		if got := refusal(t, err); !strings.HasPrefix(got, want) {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func values(t *testing.T, query string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPaginationIsRepeatedAsGiven(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{}`:                         `{"page_size":10,"order_by":"entry_id","order":"asc"}`,
		`{"page_size":0}`:            `{"page_size":0,"order_by":"entry_id","order":"asc"}`,
		`{"page":2,"page_offset":0}`: `{"page_size":10,"order_by":"entry_id","order":"asc","page":2,"page_offset":0}`,
		`{"order_by":"mainfile_path","order":"desc"}`:       `{"page_size":10,"order_by":"mainfile","order":"desc"}`,
		`{"order_by":"upload_name","page_after_value":"x"}`: `{"page_size":10,"order_by":"upload_name","order":"asc","page_after_value":"x:"}`,
		`{"page_after_value":"x"}`:                          `{"page_size":10,"order_by":"entry_id","order":"asc","page_after_value":"x"}`,
		`{"order_by":"data.x#s.S#int"}`:                     `{"page_size":10,"order_by":"data.x#s.S","order":"asc"}`,
	} {
		r, err := search.ParseBody([]byte(`{"pagination":`+given+`}`), noon)
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if got := asJSON(t, r.Paging); got != want {
			t.Errorf("%s\n got %s\nwant %s", given, got, want)
		}
	}
}

func TestRequiredNamesWhatIsAlwaysReturned(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{"include":[]}`:                   `{"include":["entry_id","upload_name"]}`,
		`{"include":["mainfile"]}`:         `{"include":["mainfile","entry_id","upload_name"]}`,
		`{"exclude":["entry_id","files"]}`: `{"exclude":["files"]}`,
		`{"include":["results*","main_author"],"exclude":["*.elements"]}`: `{"include":["results*","main_author","entry_id","upload_name"],"exclude":["*.elements"]}`,
	} {
		r, err := search.ParseBody([]byte(`{"pagination":{"order_by":"upload_name"},"required":`+given+`}`), noon)
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if got := asJSON(t, r.RequiredEcho); got != want {
			t.Errorf("%s\n got %s\nwant %s", given, got, want)
		}
	}
}

func TestCursorKeepsEveryValueApart(t *testing.T) {
	t.Parallel()
	name, _ := search.Lookup("upload_name")
	count, _ := search.Lookup("n_quantities")
	date, _ := search.Lookup("upload_create_time")
	seen := map[string]bool{}
	for _, c := range []search.Cursor{{Text: ""}, {Missing: true}, {Text: ":"}, {Text: "::"}, {Text: "a:b"}, {Text: "null"}, {Text: "x:"}} {
		c.EntryID = "id"
		text := c.String(name)
		back, err := search.ParseCursor(text, name)
		if err != nil || *back != c || seen[text] {
			t.Errorf("%+v is written %q and read %+v, %v", c, text, back, err)
		}
		seen[text] = true
	}
	for text, c := range map[string]search.Cursor{"1e-09:id": {Number: 1e-9, EntryID: "id"}, "::id": {Missing: true, EntryID: "id"}} {
		if back, err := search.ParseCursor(text, count); err != nil || *back != c || c.String(count) != text {
			t.Errorf("%q is read %+v and written %q, %v", text, back, c.String(count), err)
		}
	}
	if got := (search.Cursor{Number: 1700000000000, EntryID: "abc"}).String(date); got != "1700000000000:abc" {
		t.Error(got)
	}
}
