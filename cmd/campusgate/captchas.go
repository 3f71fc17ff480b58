package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9/logging"

	"campusgate/config"
	"campusgate/handlers"
	"campusgate/storage/captchas"
	"campusgate/storage/limits"
	"campusgate/storage/redis"
)

// captchaStore is where codes and limits are kept: in this process, or in Redis
// for all replicas.
type captchaStore struct {
	captchas handlers.Captchas
	limiter  handlers.Limiter
	ping     func(context.Context) error
	close    func() error
	watch    func(*metrics)
}

func openCaptchas(c *config.Config) captchaStore {
	if c.Captcha.Store == "redis" {
		return openRedis(c)
	}
	store := captchas.NewMemory(captchas.Options{
		TTL: c.Captcha.TTL, MaxLifetime: c.Captcha.MaxLifetime, Now: time.Now,
	})
	return captchaStore{
		captchas: store,
		limiter:  limits.NewMemory(time.Now),
		ping:     func(context.Context) error { return nil },
		close:    func() error { return nil },
		watch: func(m *metrics) {
			m.gauge("campusgate_captchas", "Hashes of codes that are kept in memory.", nil,
				func() float64 { return float64(store.Len()) })
		},
	}
}

func openRedis(c *config.Config) captchaStore {
	logging.Disable() // its lines are no records of ours; every call returns its error
	client := redis.Open(redis.Options{
		Addresses: c.Redis.Addr, SentinelMaster: c.Redis.SentinelMaster,
		Username: c.Redis.Username, Password: c.Redis.Password.Reveal(), DB: c.Redis.DB,
		Timeout: c.Redis.Timeout,
	})
	return captchaStore{
		captchas: captchas.NewRedis(client, c.Captcha.TTL, c.Captcha.MaxLifetime), limiter: limits.NewRedis(client),
		ping: client.Ping, close: client.Close,
		watch: func(m *metrics) { watchRedis(m, client) },
	}
}

func watchRedis(m *metrics, client *redis.Client) {
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

func checkCaptchas(ctx context.Context, c *config.Config) error {
	store := openCaptchas(c)
	defer func() { _ = store.close() }() // nothing was written
	if err := store.ping(ctx); err != nil {
		return fmt.Errorf("redis.addr: %w", err)
	}
	return nil
}
