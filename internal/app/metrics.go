package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"oasis/internal/api"
)

// meters are figures for Prometheus. Labels are operations, statuses, steps and
// kinds, all of which are few; never users, addresses or paths.
type meters struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	duration   *prometheus.HistogramVec
	decisions  *prometheus.CounterVec
	deprecated *prometheus.CounterVec
}

// durations are the bounds of the histogram in seconds: a cached answer, a read, a
// write, a slow one, and uploads.
func durations() []float64 { return []float64{0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60} }

// newMeters makes the figures of a server. c is asked when they are read.
func newMeters(c *core, version string) *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oasis_requests_total", Help: "Requests by operation of the API and class of the status.",
		}, []string{"operation", "class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "oasis_request_duration_seconds", Help: "Time from the first byte of a request to the end of its answer.", Buckets: durations(),
		}, []string{"operation"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oasis_access_decisions_total", Help: "Decisions by outcome and, for refusals, by the box of the flowchart that refused.",
		}, []string{"outcome", "step"}),
		deprecated: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oasis_deprecated_credentials_total", Help: "Requests with a kind of credential that should not be used any more.",
		}, []string{"kind"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "oasis_build_info", Help: "Always 1; the labels tell what is running.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.duration, m.decisions, m.deprecated, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &figures{core: c})
	return m
}

// Operation gives the counters of one operation. They appear in the answer with
// the first request, and cost no look-up after it.
func (m *meters) Operation(id string) func(api.Answered) {
	if id == "" {
		id = "none"
	}
	took := sync.OnceValue(func() prometheus.Observer { return m.duration.WithLabelValues(id) })
	var byClass [6]func() prometheus.Counter
	for class := range byClass {
		name := strconv.Itoa(class) + "xx"
		if class == 0 {
			name = "cut"
		}
		byClass[class] = sync.OnceValue(func() prometheus.Counter { return m.requests.WithLabelValues(id, name) })
	}
	allowed := sync.OnceValue(func() prometheus.Counter { return m.decisions.WithLabelValues("allowed", "") })
	return func(a api.Answered) {
		byClass[min(max(a.Status/100, 0), 5)]().Inc()
		took().Observe(a.Took.Seconds())
		switch {
		case !a.Decided:
		case a.Step == "":
			allowed().Inc()
		default:
			m.decisions.WithLabelValues("denied", a.Step).Inc()
		}
	}
}

// countDeprecated counts a credential of old.
func (m *meters) countDeprecated(way api.Deprecated) { m.deprecated.WithLabelValues(string(way)).Inc() }

// figures are read from the parts of the server when they are asked for.
type figures struct{ core *core }

// figure is one of them.
type figure struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func newFigure(kind prometheus.ValueType, name, help string, labels ...string) figure {
	return figure{prometheus.NewDesc(name, help, labels, nil), kind}
}

// all lists what there is.
func (*figures) all() (signIns, cache, jobs, dropped, waiting figure) {
	return newFigure(prometheus.CounterValue, "oasis_sign_ins_total", "Sign-ins by outcome.", "outcome"),
		newFigure(prometheus.CounterValue, "oasis_credential_cache_total", "Credentials that were looked up, by whether the cache knew them.", "result"),
		newFigure(prometheus.GaugeValue, "oasis_jobs", "Jobs of the queue by state.", "state"),
		newFigure(prometheus.CounterValue, "oasis_audit_unlisted_total", "Events that the audit log only counts, because too many different ones came within a minute."),
		newFigure(prometheus.GaugeValue, "oasis_audit_waiting", "Rows that wait to be written into the audit log.")
}

// Describe is empty: what is not described is checked when it is collected.
func (*figures) Describe(chan<- *prometheus.Desc) {}

// figuresWithin bounds the questions to the database.
const figuresWithin = 5 * time.Second

// Collect reads the figures.
func (f *figures) Collect(out chan<- prometheus.Metric) {
	signIns, cache, jobs, dropped, waiting := f.all()
	send := func(of figure, value int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(of.desc, of.kind, float64(value), labels...)
	}
	succeeded, failed := f.core.audit.SignIns()
	send(signIns, succeeded, "allowed")
	send(signIns, failed, "failed")
	hits, misses := f.core.authenticator.CacheUse()
	send(cache, hits, "hit")
	send(cache, misses, "miss")
	send(dropped, f.core.audit.Dropped())
	send(waiting, int64(f.core.audit.Waiting()))
	ctx, cancel := context.WithTimeout(context.Background(), figuresWithin)
	defer cancel()
	counts, err := f.core.db.CountJobs(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(jobs.desc, err)
		return
	}
	for state, n := range counts {
		send(jobs, n, state)
	}
}

// listenMetrics opens the address of metrics.listen, nil when there is none.
func listenMetrics(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		return nil, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (metrics.listen): %w", address, err)
	}
	return l, nil
}

// server serves /metrics and nothing else.
func (m *meters) server(log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
		MaxRequestsInFlight: 4, Timeout: 2 * figuresWithin,
	}))
	return &http.Server{
		Handler: mux, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
