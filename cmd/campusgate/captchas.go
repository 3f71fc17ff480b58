package main

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9/logging"

	"campusgate/config"
	"campusgate/handlers"
	"campusgate/storage/captchas"
)

// captchaStore is where codes and limits are kept: in this process, or in Redis
// for all replicas.
type captchaStore struct {
	captchas handlers.Captchas
	limiter  handlers.Limiter
	ping     func(context.Context) error
	close    func() error
}

func openCaptchas(c *config.Config) captchaStore {
	if c.Captcha.Store == "redis" {
		return openRedis(c)
	}
	return captchaStore{
		captchas: captchas.NewMemory(captchas.Options{
			TTL: c.Captcha.TTL, MaxLifetime: c.Captcha.MaxLifetime, Now: time.Now,
		}),
		limiter: captchas.NewMemoryLimiter(time.Now),
		ping:    func(context.Context) error { return nil },
		close:   func() error { return nil },
	}
}

func openRedis(c *config.Config) captchaStore {
	logging.Disable() // its lines are no records of ours; every call returns its error
	store := captchas.NewRedis(captchas.RedisOptions{
		Addresses: c.Redis.Addr, SentinelMaster: c.Redis.SentinelMaster,
		Username: c.Redis.Username, Password: c.Redis.Password.Reveal(), DB: c.Redis.DB,
		Timeout: c.Redis.Timeout, TTL: c.Captcha.TTL, MaxLifetime: c.Captcha.MaxLifetime,
	})
	return captchaStore{
		captchas: store, limiter: captchas.NewRedisLimiter(store), ping: store.Ping, close: store.Close,
	}
}

func checkCaptchas(ctx context.Context, c *config.Config) error {
	store := openCaptchas(c)
	defer func() { _ = store.close() }() // nothing was written
	if err := store.ping(ctx); err != nil {
		return fmt.Errorf("redis.addr: %w", err)
	}
	return nil
}
