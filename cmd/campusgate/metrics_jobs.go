package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"campusgate/storage"
)

var (
	jobsMetric = prometheus.NewDesc("campusgate_jobs",
		"Jobs in the database, which all replicas share.", []string{"kind", "state"}, nil)
	jobsDueMetric = prometheus.NewDesc("campusgate_jobs_oldest_due_seconds",
		"For how long the oldest due job has not been taken; 0 where none is due.", []string{"kind"}, nil)
)

// A jobsCollector counts the jobs when Prometheus asks.
type jobsCollector struct{ g *gateway }

// Describe tells which metrics there are.
func (c *jobsCollector) Describe(metrics chan<- *prometheus.Desc) {
	metrics <- jobsMetric
	metrics <- jobsDueMetric
}

// Collect tells of all jobs. A database that does not answer costs the other metrics
// nothing but a moment: these are absent then.
func (c *jobsCollector) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	now, counts, err := c.count(ctx)
	if err != nil {
		c.g.logger.Warn("count jobs", "error", err)
		return
	}
	gauge := func(metric *prometheus.Desc, value int64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(metric, prometheus.GaugeValue, float64(value), labels...)
	}
	for _, count := range counts {
		gauge(jobsMetric, count.Waiting, count.Kind, jobWaiting)
		gauge(jobsMetric, count.Running, count.Kind, jobRunning)
		gauge(jobsMetric, count.Dead, count.Kind, jobDead)
		age := int64(0)
		if count.FirstDue > 0 {
			age = max(0, now-count.FirstDue)
		}
		gauge(jobsDueMetric, age, count.Kind)
	}
}

// count counts the jobs of every kind: of those that this replica runs also where there
// are none, so that a first one is seen as a rise.
func (c *jobsCollector) count(ctx context.Context) (now int64, counts []storage.JobCount, err error) {
	if now, err = c.g.now(ctx); err != nil {
		return 0, nil, err
	}
	counts, err = c.g.db.JobCounts(ctx)
	found := map[string]bool{}
	for _, count := range counts {
		found[count.Kind] = true
	}
	for _, name := range c.g.jobs.Names() {
		if !found[name] {
			counts = append(counts, storage.JobCount{Kind: name})
		}
	}
	return now, counts, err
}
