package edit_test

import (
	"encoding/json"
	"testing"

	"oasis/internal/data/edit"
	"oasis/internal/problem"
)

// FuzzParse wants of every body a request or a refusal that says where and why.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"metadata":{"a":1,"a":null},"entries":{"x":{"comment":""}},"entries_key":"mainfile","owner":"visible","verify_only":true}`,
		`{"metadata":7}`, `{"entries":{"":[]}}`, `{"query":{"and":[{}]}} x`, "{\"entries_key\":\"\xff\"}", `{"owner":null,"query":null}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r, err := edit.Parse([]byte(body))
		if err == nil {
			if r == nil || !json.Valid([]byte(body)) {
				t.Errorf("taken: %q", body)
			}
			return
		}
		refused := problem.As(err)
		if refused == nil || refused.Kind != problem.Unprocessable || len(refused.Fields) == 0 {
			t.Fatalf("%q: %v", body, err)
		}
		for _, field := range refused.Fields {
			if len(field.Loc) == 0 || field.Msg == "" {
				t.Errorf("%q: %+v", body, field)
			}
		}
	})
}
