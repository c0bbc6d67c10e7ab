package scope_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"oasis/internal/access/scope"
)

// table is typed by hand from the API's list of scopes; it shares no code with the catalogue.
const table = `actions:read actions:run apps:read datasets:assign_doi datasets:delete datasets:read datasets:write
entries:read entries:write external_dcat:read external_h5grove:read external_optimade:read federation:write graph:read
groups:delete groups:read groups:write info:read materials:read metainfo:read north:read north:run schemas:read
suggestions:read systems:read tokens:create tokens:delete tokens:read uploads:assign_doi uploads:export uploads:import
uploads:process uploads:publish uploads:read uploads:write users:invite users:read`

func TestCatalogueHoldsExactlyThe37Scopes(t *testing.T) {
	t.Parallel()
	want := strings.Fields(table)
	if len(want) != 37 {
		t.Fatalf("the table has %d scopes", len(want))
	}
	var got []string
	for i, info := range scope.All() {
		got = append(got, info.Name)
		if int(info.Scope) != i {
			t.Errorf("%s stands at place %d but is scope %d", info.Name, i, info.Scope)
		}
		if info.Name != info.Resource+":"+info.Action || info.Scope.String() != info.Name {
			t.Errorf("names of %s disagree: %+v", info.Name, info)
		}
		if !strings.HasSuffix(info.Sentence, ".") {
			t.Errorf("%s has no sentence", info.Name)
		}
		if parsed, ok := scope.Parse(info.Name); !ok || parsed != info.Scope {
			t.Errorf("Parse(%q) = %v, %v", info.Name, parsed, ok)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("catalogue:\n got %v\nwant %v", got, want)
	}
}

func TestSecondSpellingsAreStoredUnderTheFirst(t *testing.T) {
	t.Parallel()
	set, unknown := scope.ParseNames([]string{"uploads_bundle:read", "uploads_bundle:write"})
	if len(unknown) != 0 || !slices.Equal(set.Names(), []string{"uploads:export", "uploads:import"}) {
		t.Errorf("got %v, unknown %v", set.Names(), unknown)
	}
}

func TestWildcardSets(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		set  scope.Set
		size int
	}{
		"every": {scope.Every(), 36}, "every read": {scope.EveryRead(), 19}, "tokens": {scope.Tokens(), 3},
	} {
		if tc.set.Len() != tc.size {
			t.Errorf("%s has %d scopes, want %d: %v", name, tc.set.Len(), tc.size, tc.set.Names())
		}
		if tc.set.Has(scope.FederationWrite) {
			t.Errorf("%s holds federation:write, which guards nothing", name)
		}
	}
	if scope.EveryRead().Has(scope.UploadsExport) {
		t.Error("*:read must not contain export")
	}
}

func list(items ...string) *[]string { return &items }

func TestExpand(t *testing.T) {
	t.Parallel()
	reads := scope.EveryRead().Len()
	for name, tc := range map[string]struct {
		include *[]string
		exclude []string
		want    []string // checked when size is 0
		size    int
		err     string
	}{
		"nothing given is *:read":          {size: reads},
		"an empty list is nothing":         {include: list(), want: []string{}},
		"an empty item is nothing":         {include: list(""), want: []string{}},
		"only exclude takes from *:read":   {exclude: []string{"users:read"}, size: reads - 1},
		"everything must be written":       {include: list("*:*"), size: 36},
		"one":                              {include: list(" uploads:read "), want: []string{"uploads:read"}},
		"second spelling":                  {include: list("uploads_bundle:write"), want: []string{"uploads:import"}},
		"resource wildcard":                {include: list("groups:*"), want: []string{"groups:delete", "groups:read", "groups:write"}},
		"action wildcard":                  {include: list("*:run"), want: []string{"actions:run", "north:run"}},
		"*:write leaves out federation":    {include: list("*:write"), want: []string{"datasets:write", "entries:write", "groups:write", "uploads:write"}},
		"federation:* names it":            {include: list("federation:*"), want: []string{"federation:write"}},
		"exclude wins":                     {include: list("groups:*"), exclude: []string{"*:delete"}, want: []string{"groups:read", "groups:write"}},
		"bare star":                        {include: list("*"), err: "Illegal scope *; expected format is 'resource:action'."},
		"no colon":                         {include: list("uploads"), err: "Illegal scope uploads; expected format is 'resource:action'."},
		"two colons":                       {include: list("a:b:c"), err: "Illegal scope a:b:c; expected format is 'resource:action'."},
		"partial wildcard":                 {include: list("upl*:read"), err: "Partial wildcard in upl*:read is not allowed."},
		"unknown":                          {include: list("foo:read"), err: "Invalid scope configuration. Unknown concrete scopes: ['foo:read']"},
		"wildcard without match":           {include: list("foo:*"), err: "Invalid scope configuration. Wildcards matched nothing: ['foo:*']"},
		"wildcard of the second spelling":  {include: list("uploads_bundle:*"), err: "Invalid scope configuration. Wildcards matched nothing: ['uploads_bundle:*']"},
		"both kinds of faults, in exclude": {exclude: []string{"z:z", "a:b", "q:*"}, err: "Invalid scope configuration. Unknown concrete scopes: ['a:b', 'z:z'] Wildcards matched nothing: ['q:*']"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := scope.Expand(tc.include, tc.exclude)
			switch {
			case tc.err != "":
				if err == nil || err.Error() != tc.err {
					t.Fatalf("error %v, want %q", err, tc.err)
				}
			case err != nil:
				t.Fatal(err)
			case tc.size != 0 && got.Len() != tc.size:
				t.Errorf("%d scopes, want %d: %v", got.Len(), tc.size, got.Names())
			case tc.size == 0 && !slices.Equal(got.Names(), tc.want):
				t.Errorf("got %v, want %v", got.Names(), tc.want)
			}
		})
	}
}

// The laws of granting: nothing grants nothing, adding never takes away, and
// granting is membership of every single scope.
func TestGrantsLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) scope.Set {
			var s scope.Set
			for _, i := range rapid.SliceOf(rapid.IntRange(0, 36)).Draw(t, name) {
				s |= scope.Of(scope.Scope(i))
			}
			return s
		}
		held, need, more := draw("held"), draw("need"), draw("more")
		oracle := true
		for _, n := range need.Names() {
			oracle = oracle && slices.Contains(held.Names(), n)
		}
		if held.Grants(need) != oracle {
			t.Fatalf("%v grants %v = %v", held.Names(), need.Names(), !oracle)
		}
		if held.Grants(need) && !(held | more).Grants(need) {
			t.Fatal("adding scopes took a right away")
		}
		if scope.Set(0).Grants(need) != (need == 0) {
			t.Fatal("the empty set granted something")
		}
		if held.Without(need)&need != 0 {
			t.Fatal("Without left something")
		}
	})
}
