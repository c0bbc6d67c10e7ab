package matrix

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/token"
)

const (
	apiSecret   = "0123456789abcdef0123456789abcdef"
	withSecret  = "services:\n  api_secret: " + apiSecret + "\n"
	onlyAdds    = "This token may only create uploads and add new files."
	otherUpload = "This token may only be used with certain uploads, and this is not one of them."
	moreUploads = "This token may only be used with certain uploads, and this operation concerns more than those."
	badUpload   = "An invalid upload token was supplied."
)

// takesUploadToken lists the operations of the API's table that take the header Upload-Token.
func takesUploadToken() []string {
	return []string{"createUpload", "putRawFile", "deleteRawFile", "createRawDir", "importUpload", "importUploadBundle"}
}

// takesTokenInAddress lists those that take it as token= in the address, too.
func takesTokenInAddress() []string { return []string{"createUpload", "putRawFile"} }

// addsOnly lists the operations that only ever add.
func addsOnly() []string {
	return append(tusAdds(), "createUpload", "putRawFile", "createRawDir", "listReceipts")
}

// tusAdds are the operations of tus on single files.
func tusAdds() []string {
	return []string{"beginDelivery", "getDelivery", "addToDelivery", "endDelivery", "overrideDelivery"}
}

// touches tells what an operation concerns, for tokens that are restricted to uploads.
func touches(id string) string {
	if id == "listDeliveries" || slices.Contains(tusAdds(), id) {
		return "one"
	}
	switch id {
	case "getUpload", "deleteUpload", "sealUpload", "listUploadEntries", "getUploadEntry", "putRawFile", "deleteRawFile", "createRawDir",
		"editUpload",
		"getRawDir", "getRawRoot", "getRawFile", "getRawZip":
		return "one"
	case "publishUpload", "liftEmbargo", "processUpload", "stopProcessing", "deleteEntryFiles", "setIncludedEntries", "validateIncludedEntries",
		"exportUpload", "exportUploadBundle", "sendUpload":
		return "one"
	case "listUploads", "listReceipts", "queryEntries", "findEntries", "getEntry", "getEntryArchive", "downloadEntryArchive", "getEntryRawDir", "getEntryRawFile":
		return "visible"
	case "getMe", "getInfo":
		return "nobody"
	default:
		return "more"
	}
}

// each walks all operations by id, because what is wanted here depends on it.
func each(t *testing.T, w *world, name string, present func(*http.Request), wanted func(id string, row *operation, method string) want) {
	t.Helper()
	rows := operations()
	t.Run(name, func(t *testing.T) {
		for i := range w.routes {
			r := &w.routes[i]
			row := rows[r.ID]
			if row.unguarded() || row.sameSite {
				continue // nobody asks who it is
			}
			agree(t, r.ID+" with "+name, wanted(r.ID, &row, r.Method), w.probe(t, r, &row, present))
		}
	})
}

// TestEveryOperationWithCredentialsOfOld tries NOMAD's upload tokens, simple
// tokens and cookie, good and bad.
func TestEveryOperationWithCredentialsOfOld(t *testing.T) {
	t.Parallel()
	var c crowd
	w := start(t, policy{seed: c.seed, yaml: withSecret})
	c.signIn(t, w)
	upload, ok := token.UploadToken(apiSecret, w.ids["member"])
	if !ok {
		t.Fatal("no upload token")
	}
	off, _ := token.UploadToken(apiSecret, w.ids["off"])
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	inAddress := func(r *http.Request) {
		q := r.URL.Query()
		q.Set("token", upload)
		r.URL.RawQuery = q.Encode()
	}
	where := func(ids []string, there func(*operation) want) func(string, *operation, string) want {
		return func(id string, row *operation, method string) want {
			if slices.Contains(ids, id) {
				return there(row)
			}
			return asVisitor(row, method)
		}
	}
	good := func(row *operation) want { return want{status: row.status} }
	each(t, w, "an upload token", header("Upload-Token", upload), where(takesUploadToken(), good))
	each(t, w, "a forged upload token", header("Upload-Token", upload+"x"), where(takesUploadToken(), func(*operation) want {
		return want{http.StatusUnauthorized, badUpload, challengeDead}
	}))
	each(t, w, "an upload token of a disabled account", header("Upload-Token", off), where(takesUploadToken(), func(*operation) want {
		return want{status: http.StatusForbidden, detail: disabled}
	}))
	each(t, w, "an upload token in the address", inAddress, where(takesTokenInAddress(), good))

	simple := func(row *operation) want {
		got := asMachine(row, "")
		if got.detail == notAMachine {
			got.detail = strings.Replace(notAMachine, "personal access token", "simple token", 1)
		}
		return got
	}
	all := func(w want) func(string, *operation, string) want {
		return func(string, *operation, string) want { return w }
	}
	deadWith := func(detail string) func(string, *operation, string) want {
		return all(want{http.StatusUnauthorized, detail, challengeDead})
	}
	each(t, w, "a simple token", bearer(token.SimpleToken(apiSecret, w.ids["member"], in(time.Hour))),
		func(_ string, row *operation, _ string) want { return simple(row) })
	each(t, w, "an expired simple token", bearer(token.SimpleToken(apiSecret, w.ids["member"], in(-time.Second))), deadWith("Expired token."))
	each(t, w, "a forged simple token", bearer(token.SimpleToken("x"+apiSecret, w.ids["member"], in(time.Hour))), deadWith(deadToken))
	each(t, w, "a simple token of nobody", bearer(token.SimpleToken(apiSecret, noUser, in(time.Hour))), deadWith("Token with invalid/unexpected payload."))
	each(t, w, "a simple token of a disabled account", bearer(token.SimpleToken(apiSecret, w.ids["off"], in(time.Hour))),
		all(want{status: http.StatusForbidden, detail: disabled}))

	reads := func(_ string, row *operation, method string) want {
		if method == http.MethodGet {
			return through(row, method)
		}
		return asVisitor(row, method)
	}
	visitor := func(_ string, row *operation, method string) want { return asVisitor(row, method) }
	nomad := "Authorization=Bearer%20"
	each(t, w, "NOMAD's cookie", header("Cookie", nomad+c.member.provider), reads)
	each(t, w, "NOMAD's cookie with a personal access token", header("Cookie", nomad+c.member.pat), visitor)
	each(t, w, "NOMAD's cookie from another site", func(r *http.Request) {
		r.Header.Set("Cookie", nomad+c.member.provider)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}, visitor)
	each(t, w, "a bad bearer with a good upload token", func(r *http.Request) {
		bearer("garbage")(r)
		r.Header.Set("Upload-Token", upload)
	}, deadWith(deadJWT))
}

// TestEveryOperationWithRestrictedTokens tries tokens with all scopes that are
// narrowed in each of the ways there are.
func TestEveryOperationWithRestrictedTokens(t *testing.T) {
	t.Parallel()
	raws := map[string]string{}
	home, away := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	w := start(t, policy{seed: func(s *seeder) {
		s.user("root", "")
		s.user("member", "")
		for name, r := range map[string]*token.Restrictions{
			"adds": {AppendOnly: true}, "this": {Uploads: []string{noUpload}}, "other": {Uploads: []string{"x"}},
			"deposits": {DepositFor: &token.Deposit{Default: "root", Any: true}},
			"home":     {Networks: home}, "away": {Networks: away}, "both": {AppendOnly: true, Uploads: []string{noUpload}, Networks: home},
		} {
			raws[name] = s.token("member", everyScope(), func(p *token.PAT) { p.Restrictions = r })
		}
	}})
	narrowed := func(allowed func(id string) (detail string)) func(string, *operation, string) want {
		return func(id string, row *operation, _ string) want {
			usual := asMachine(row, "")
			if strings.HasPrefix(usual.detail, "Missing scopes") {
				return usual
			}
			if detail := allowed(id); detail != "" {
				return want{status: http.StatusForbidden, detail: detail}
			}
			return usual
		}
	}
	adds := func(id string) string {
		if slices.Contains(addsOnly(), id) {
			return ""
		}
		return onlyAdds
	}
	uploads := func(mine bool) func(string) string {
		return func(id string) string {
			switch {
			case touches(id) == "more":
				return moreUploads
			case touches(id) == "one" && !mine:
				return otherUpload
			}
			return ""
		}
	}
	for name, allowed := range map[string]func(string) string{
		"adds": adds, "deposits": adds, "this": uploads(true), "other": uploads(false),
		"home": func(string) string { return "" },
		"away": func(string) string { return "This token may not be used from 127.0.0.1." },
		"both": func(id string) string {
			if detail := adds(id); detail != "" {
				return detail
			}
			return uploads(true)(id)
		},
	} {
		each(t, w, name, bearer(raws[name]), narrowed(allowed))
	}
}
