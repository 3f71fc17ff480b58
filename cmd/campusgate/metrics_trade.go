package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"campusgate/handlers/trade"
	"campusgate/handlers/trade/channel"
	"campusgate/storage"
)

// tradeMetrics count the steps of orders and what becomes of payments, in this replica; what
// is open in the database, which all replicas share, is asked when Prometheus asks.
type tradeMetrics struct {
	steps, payments *prometheus.CounterVec
	methods         []string
}

// newTradeMetrics has a series for each step and each way to pay, from 0, so that a first
// failure is seen as a rise.
func newTradeMetrics(channels channel.Set) *tradeMetrics {
	m := &tradeMetrics{
		steps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "campusgate_order_steps_total",
			Help: "Steps of orders, by calls, callbacks and clocks: done, refused as the order was, or failed.",
		}, []string{"step", "result"}),
		payments: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "campusgate_payments_total",
			Help: "Payments that were paid, and tries to pay that ended in another way, by the channel or the wallet.",
		}, []string{"channel", "result"}),
		methods: trade.PaymentMethods(channels),
	}
	for _, step := range trade.StepNames() {
		for _, result := range trade.StepResults {
			m.steps.WithLabelValues(step, result)
		}
	}
	for _, method := range m.methods {
		for _, result := range trade.PaymentResults {
			m.payments.WithLabelValues(method, result)
		}
	}
	return m
}

func (m *tradeMetrics) counters() trade.Counters {
	return trade.Counters{
		Step:    func(step, result string) storage.Counter { return m.steps.WithLabelValues(step, result) },
		Payment: func(channel, result string) storage.Counter { return m.payments.WithLabelValues(channel, result) },
	}
}

func (m *metrics) watchTrade(g *gateway, counted *tradeMetrics) {
	m.registry.MustRegister(counted.steps, counted.payments, &paymentsCollector{g, counted.methods[1:]})
}

var (
	openAttemptsMetric = prometheus.NewDesc("campusgate_payment_attempts_open",
		"Tries to pay that wait for their channel, in the database, which all replicas share.", []string{"channel"}, nil)
	anomaliesMetric = prometheus.NewDesc("campusgate_payment_anomalies",
		"What channels say that does not fit and waits for an admin, in the database, which all replicas share.", []string{"channel"}, nil)
)

// A paymentsCollector counts what is open when Prometheus asks.
type paymentsCollector struct {
	g        *gateway
	channels []string
}

// Describe tells which metrics there are.
func (c *paymentsCollector) Describe(metrics chan<- *prometheus.Desc) {
	metrics <- openAttemptsMetric
	metrics <- anomaliesMetric
}

// Collect tells of each channel, and of those that are not set up any more and have
// something open. As [jobsCollector] it tells nothing where the database does not answer.
func (c *paymentsCollector) Collect(metrics chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	attempts, err := c.g.db.OpenAttempts(ctx, c.channels)
	if err != nil {
		c.g.logger.Warn("count attempts to pay", "error", err)
		return
	}
	anomalies, err := c.g.db.OpenAnomalies(ctx)
	if err != nil {
		c.g.logger.Warn("count anomalies", "error", err)
		return
	}
	for metric, counts := range map[*prometheus.Desc][]storage.ChannelCount{openAttemptsMetric: attempts, anomaliesMetric: anomalies} {
		open := map[string]int64{}
		for _, name := range c.channels {
			open[name] = 0
		}
		for _, count := range counts {
			open[count.Channel] = count.Count
		}
		for name, count := range open {
			metrics <- prometheus.MustNewConstMetric(metric, prometheus.GaugeValue, float64(count), name)
		}
	}
}
