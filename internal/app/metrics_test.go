package app_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"oasis/internal/app"
)

// send asks a running server and gives the status and the body.
func send(t *testing.T, method, address, token string, form url.Values) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	must(t, err)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := http.DefaultClient.Do(req)
	must(t, err)
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	must(t, err)
	return got.StatusCode, string(body)
}

// figureOf gives the value of a line of the metrics, -1 without one.
func figureOf(t *testing.T, text, line string) float64 {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(line) + ` (\S+)$`).FindStringSubmatch(text)
	if m == nil {
		return -1
	}
	v, err := strconv.ParseFloat(m[1], 64)
	must(t, err)
	return v
}

func TestMetricsTellWhatHappensAndOfWhomNothing(t *testing.T) {
	t.Parallel()
	opts := options(t, t.TempDir(), "NOMAD_METRICS_LISTEN=127.0.0.1:0")
	server, _ := serve(t, opts)
	raw := people(t, opts)
	base := "http://" + server.Addr() + "/nomad-oasis"
	for range 3 {
		send(t, "GET", base+"/api/v1/users/me", raw, nil)
	}
	send(t, "GET", base+"/api/v1/users/me", "", nil)
	send(t, "GET", base+"/api/v1/uploads/some-id-of-somebody", raw, nil)
	send(t, "GET", base+"/nowhere", "", nil)
	send(t, "POST", base+"/api/v1/auth/token", "", url.Values{"grant_type": {"password"}, "username": {"nobody-at-all"}, "password": {"x"}})
	status, text := send(t, "GET", "http://"+server.MetricsAddr()+"/metrics", "", nil)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, text)
	}
	for line, want := range map[string]float64{
		`oasis_requests_total{class="2xx",operation="getMe"}`:                 3,
		`oasis_requests_total{class="4xx",operation="getMe"}`:                 1,
		`oasis_requests_total{class="4xx",operation="none"}`:                  1,
		`oasis_request_duration_seconds_count{operation="getMe"}`:             4,
		`oasis_access_decisions_total{outcome="denied",step="sign_in"}`:       1,
		`oasis_sign_ins_total{outcome="failed"}`:                              1,
		`oasis_audit_unlisted_total`:                                          0,
		`oasis_deprecated_credentials_total{kind="upload_token"}`:             -1,
		`oasis_requests_total{class="5xx",operation="getMe"}`:                 -1,
		`oasis_requests_total{class="2xx",operation="deleteUpload"}`:          -1,
		`oasis_request_duration_seconds_count{operation="getEntryArchive"}`:   -1,
		`oasis_access_decisions_total{outcome="allowed",step="no such step"}`: -1,
	} {
		if got := figureOf(t, text, line); got != want {
			t.Errorf("%s is %v, want %v", line, got, want)
		}
	}
	for _, name := range []string{"process_resident_memory_bytes", "go_goroutines", `oasis_build_info{go=`, `oasis_credential_cache_total{result="hit"} 3`} {
		if !strings.Contains(text, name) {
			t.Errorf("there is no %s", name)
		}
	}
	for _, who := range []string{"nobody-at-all", "some-id-of-somebody", "127.0.0.1", "ada@lab", "bert", raw} {
		if strings.Contains(text, who) {
			t.Errorf("the metrics hold %q", who)
		}
	}
	if status, _ := send(t, "GET", "http://"+server.MetricsAddr()+"/", "", nil); status != http.StatusNotFound {
		t.Errorf("something else is served beside the metrics: %d", status)
	}
	if status, _ := send(t, "GET", "http://"+server.Addr()+"/metrics", "", nil); status == http.StatusOK {
		t.Error("the metrics are served to everybody")
	}
}

func TestMetricsAreOffUntilSomebodyWantsThem(t *testing.T) {
	t.Parallel()
	server, _ := serve(t, options(t, t.TempDir()))
	if got := server.MetricsAddr(); got != "" {
		t.Errorf("metrics on %s", got)
	}
}

func TestStartSaysWhichOptionNamesATakenAddress(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { must(t, taken.Close()) }()
	_, err = app.New(t.Context(), options(t, t.TempDir(), "NOMAD_METRICS_LISTEN="+taken.Addr().String()))
	if err == nil || !strings.Contains(err.Error(), "metrics.listen") {
		t.Errorf("got %v", err)
	}
}

func TestWhatTheConsoleDoesIsAudited(t *testing.T) {
	t.Parallel()
	opts := options(t, t.TempDir())
	people(t, opts)
	var page app.AuditPage
	must(t, app.Call(t.Context(), opts, app.VerbAuditList, app.AuditList{Who: "console", Operation: "account.create", Limit: 10}, &page))
	if len(page.Rows) == 0 || !strings.Contains(string(page.Rows[0]), `"credential_kind":"console"`) {
		t.Errorf("rows: %s", page.Rows)
	}
	must(t, app.Call(t.Context(), opts, app.VerbAuditList, app.AuditList{Since: time.Now().Add(time.Hour), Limit: 10}, &page))
	if len(page.Rows) != 0 {
		t.Errorf("rows of the future: %s", page.Rows)
	}
}
