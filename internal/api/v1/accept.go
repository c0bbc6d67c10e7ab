package v1

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"oasis/internal/api"
)

// wantsJSON tells whether the client prefers JSON to text. Without a preference
// it gets text, because curl asks for */* (spec uploads.md §5).
func wantsJSON(accept string) bool {
	best := map[string]float64{}
	for _, item := range strings.Split(accept, ",") {
		kind, params, err := mime.ParseMediaType(strings.TrimSpace(item))
		if err != nil {
			continue
		}
		q := 1.0
		if text, given := params["q"]; given {
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		switch {
		case kind == "application/json", kind == "application/*", strings.HasSuffix(kind, "+json"):
			best["json"] = max(best["json"], q)
		case kind == "text/plain", kind == "text/*":
			best["text"] = max(best["text"], q)
		}
	}
	return best["json"] > 0 && best["json"] >= best["text"]
}

// thanks answers a curl user who sent files (spec uploads.md §5).
func (s Services) thanks(w http.ResponseWriter) {
	text := "\nThanks for uploading your data to nomad.\nGo back to " + strings.TrimSuffix(s.About().GUI, "/") + " and press\n" +
		"reload to see the progress on your upload\nand publish your data."
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write([]byte(text)) // the client may be gone
}

// sent answers a request that has brought files, in the form the client prefers.
func (s Services) sent(answer map[string]any) *api.Stream {
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		if wantsJSON(strings.Join(r.Header.Values("Accept"), ",")) {
			api.WriteJSON(w, http.StatusOK, answer)
			return
		}
		s.thanks(w)
	})
}
