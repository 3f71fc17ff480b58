package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"campusgate/dispatch"
	"campusgate/dispatch/server"
	"campusgate/handlers/contact/mail"
	"campusgate/storage/captchas"
	"campusgate/storage/pictures"
	"campusgate/storage/redis"
)

// metrics are what Prometheus reads. Requests are counted as they end; everything
// else is asked when Prometheus asks.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "campusgate_requests_total",
			Help: "Requests answered. The status is the envelope's; for pictures it is what was shown, or the HTTP status.",
		}, []string{"type", "subtype", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "campusgate_request_duration_seconds",
			Help: "Time from a request's last byte to its answer.",
			// From a look into memory to the default write time-out.
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"type", "subtype"}),
	}
	m.registry.MustRegister(m.requests, m.durations,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.gauge("campusgate_build_info", "1, with the running version as labels.",
		prometheus.Labels{"version": version, "commit": commit, "go": runtime.Version()}, func() float64 { return 1 })
	return m
}

// observe is a [server.Observer]. The series of a call are found once, so that a
// request costs no look-up of labels, and begin at 0, so that a first failure is
// seen as a rise.
func (m *metrics) observe(call server.Call) func(dispatch.Result, time.Duration) {
	requests := m.requests.MustCurryWith(prometheus.Labels{"type": call.Type, "subtype": call.Subtype})
	duration := m.durations.WithLabelValues(call.Type, call.Subtype)
	documented := map[dispatch.Result]prometheus.Counter{}
	for _, result := range call.Results {
		documented[result] = requests.WithLabelValues(result.String())
	}
	return func(result dispatch.Result, took time.Duration) {
		counter := documented[result]
		if counter == nil {
			counter = requests.WithLabelValues(result.String())
		}
		counter.Inc()
		duration.Observe(took.Seconds())
	}
}

func (m *metrics) gauge(name, help string, labels prometheus.Labels, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels}, read))
}

func (m *metrics) counter(name, help string, labels prometheus.Labels, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, read))
}

// watch reads the parts of a gateway.
func (m *metrics) watch(g *gateway, cache *pictures.Cache, checker *pictures.Checker) {
	m.gauge("campusgate_requests_in_flight", "Requests that are being answered.", nil,
		func() float64 { return float64(g.server.InFlight()) })
	m.gauge("campusgate_open_connections", "Connections of clients.", nil,
		func() float64 { return float64(g.server.Connections()) })
	m.gauge("campusgate_live_connections", "WebSockets of users that are pushed to.", nil,
		func() float64 { return float64(g.server.Listening()) })
	m.gauge("campusgate_uploads_decoding", "Uploaded pictures that are being decoded.", nil,
		func() float64 { return float64(checker.Decoding()) })
	m.gauge("campusgate_clicks_waiting", "Product clicks that are not in the database yet.", nil,
		func() float64 { return float64(g.clicks.Backlog()) })
	m.registry.MustRegister(&jobsCollector{g})
	m.watchDatabase(g)
	m.watchCache(cache)
	g.captchas.watch(m)
}

func (m *metrics) watchLog(lines *logLines) {
	m.counter("campusgate_log_lines_lost_total", "Lines of the log that nobody read in time.", nil,
		func() float64 { return float64(lines.lost.Load()) })
}

func (m *metrics) watchDatabase(g *gateway) {
	for pool, stats := range g.db.Pools() {
		const name, help = "campusgate_database_connections", "Connections to the database, by pool."
		m.gauge(name, help, prometheus.Labels{"pool": pool, "state": "in_use"},
			func() float64 { return float64(stats().InUse) })
		m.gauge(name, help, prometheus.Labels{"pool": pool, "state": "idle"},
			func() float64 { return float64(stats().Idle) })
		labels := prometheus.Labels{"pool": pool}
		m.gauge("campusgate_database_connections_max", "The maximum number of connections of a pool.", labels,
			func() float64 { return float64(stats().MaxOpenConnections) })
		m.counter("campusgate_database_wait_total", "Queries that had to wait for a connection.", labels,
			func() float64 { return float64(stats().WaitCount) })
		m.counter("campusgate_database_wait_seconds_total", "Time that queries waited for a connection.", labels,
			func() float64 { return stats().WaitDuration.Seconds() })
	}
}

func (m *metrics) watchCache(cache *pictures.Cache) {
	m.gauge("campusgate_picture_cache_bytes", "Bytes of the pictures in the cache.", nil,
		func() float64 { return float64(cache.Stats().Bytes) })
	m.gauge("campusgate_picture_cache_entries", "Pictures in the cache.", nil,
		func() float64 { return float64(cache.Stats().Entries) })
	const name, help = "campusgate_picture_cache_requests_total", "Pictures requested, by whether the cache had them."
	m.counter(name, help, prometheus.Labels{"result": "hit"}, func() float64 { return float64(cache.Stats().Hits) })
	m.counter(name, help, prometheus.Labels{"result": "miss"}, func() float64 { return float64(cache.Stats().Misses) })
}

func (m *metrics) watchMail(sender *mail.Sender) {
	for result, count := range map[string]func(mail.Stats) int64{
		"sent": func(s mail.Stats) int64 { return s.Sent }, "refused": func(s mail.Stats) int64 { return s.Refused },
		"failed": func(s mail.Stats) int64 { return s.Failed },
	} {
		m.counter("campusgate_mails_total", "Mails, by whether the mail server took them, refused them for good, or neither.",
			prometheus.Labels{"result": result}, func() float64 { return float64(count(sender.Stats())) })
	}
}

func (m *metrics) watchMemory(store *captchas.Memory) {
	m.gauge("campusgate_captchas", "Captchas in memory.", nil,
		func() float64 { return float64(store.Len()) })
}

func (m *metrics) watchRedis(client *redis.Client) {
	const name, help = "campusgate_redis_connections", "Connections to Redis."
	m.gauge(name, help, prometheus.Labels{"state": "in_use"}, func() float64 {
		inUse, _ := client.Connections()
		return float64(inUse)
	})
	m.gauge(name, help, prometheus.Labels{"state": "idle"}, func() float64 {
		_, idle := client.Connections()
		return float64(idle)
	})
}

// listen serves /metrics on an address of its own until stop is called.
func (m *metrics) listen(ctx context.Context, address string, logger *slog.Logger) (stop func(), err error) {
	listener, err := listen(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("metrics.listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelError),
	}))
	listening := &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	go func() { _ = listening.Serve(listener) }() // it ends by stop, with an error that says so
	logger.Info("serving metrics", "url", "http://"+listener.Addr().String()+"/metrics")
	return func() { _ = listening.Close() }, nil
}
