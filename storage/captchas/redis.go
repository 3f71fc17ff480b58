package captchas

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// RedisOptions configure a [Redis].
type RedisOptions struct {
	// Addresses are host:port: one server, several nodes of a Cluster, or Sentinels
	// if SentinelMaster is set.
	Addresses []string
	// Username is the ACL user, "" for the default one.
	Username string
	// Password is the user's password, "" for none.
	Password string
	// DB is the number of the database, from 0. A Cluster has only 0.
	DB int
	// SentinelMaster is the name of the master that the Sentinels know, "" without
	// Sentinels.
	SentinelMaster string
	// Timeout bounds each call, connecting included. It is above 0: 2 s in the
	// configuration.
	Timeout time.Duration
	// TTL and MaxLifetime are those of [Options], counted in milliseconds.
	TTL, MaxLifetime time.Duration
}

// Redis keeps hashes in Redis 5 or later, where all replicas find them. It is safe
// for concurrent use. A call whose server is down or silent fails within Timeout;
// one that comes after the server is back succeeds.
//
// Each hash is one key that Redis itself ends, and each call is one script on it:
// atomic, and on one node of a Cluster. Time is Redis' own, so that replicas'
// clocks do not matter.
type Redis struct {
	client           redis.UniversalClient
	timeout          time.Duration
	ttl, maxLifetime time.Duration
}

// NewRedis returns a store that connects when it is first used: see [Redis.Ping].
func NewRedis(options RedisOptions) *Redis {
	return &Redis{
		client: redis.NewUniversalClient(&redis.UniversalOptions{
			Addrs: options.Addresses, MasterName: options.SentinelMaster,
			Username: options.Username, Password: options.Password, DB: options.DB,
			DialTimeout: options.Timeout, ReadTimeout: options.Timeout, WriteTimeout: options.Timeout,
			PoolTimeout: options.Timeout, ContextTimeoutEnabled: true,
			// A script that ran and whose answer was lost would run twice: a hash that
			// it consumed would not be found, an event counted again. (A Cluster's client
			// tries once more after a lost connection all the same.)
			MaxRetries: -1, DialerRetries: 1,
			// A protocol of one vendor's cloud, which costs each connection a round trip.
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		}),
		timeout: options.Timeout, ttl: options.TTL, maxLifetime: options.MaxLifetime,
	}
}

// Ping tells whether Redis answers.
func (r *Redis) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	if err := r.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping Redis: %w", err)
	}
	return nil
}

// Close ends the connections, those of a [RedisLimiter] too.
func (r *Redis) Close() error {
	if err := r.client.Close(); err != nil {
		return fmt.Errorf("close Redis: %w", err)
	}
	return nil
}

// Connections are how many connections are at work and how many wait for some, to
// all servers together.
func (r *Redis) Connections() (inUse, idle int) {
	stats := r.client.PoolStats()
	return int(stats.TotalConns) - int(stats.IdleConns), int(stats.IdleConns)
}

// Add is [Memory.Add].
func (r *Redis) Add(ctx context.Context, hash string, code Code) error {
	_, err := r.run(ctx, addScript, captchaKey(hash),
		int(code.Kind), code.Phone, r.ttl.Milliseconds(), r.maxLifetime.Milliseconds()).Bool()
	if err != nil {
		return fmt.Errorf("add captcha to Redis: %w", err)
	}
	return nil
}

// Check is [Memory.Check].
func (r *Redis) Check(ctx context.Context, query Query) (bool, error) {
	found, err := r.run(ctx, checkScript, captchaKey(query.Hash),
		int(query.Kind), query.Phone, query.Consume, r.ttl.Milliseconds()).Bool()
	if err != nil {
		return false, fmt.Errorf("check captcha in Redis: %w", err)
	}
	return found, nil
}

// Reserve is [Memory.Reserve].
func (r *Redis) Reserve(ctx context.Context, hash, phone string) (bool, error) {
	reserved, err := r.run(ctx, reserveScript, captchaKey(hash), phone, MaxMessages, MaxPhones).Bool()
	if err != nil {
		return false, fmt.Errorf("reserve an SMS in Redis: %w", err)
	}
	return reserved, nil
}

// Release is [Memory.Release].
func (r *Redis) Release(ctx context.Context, hash, phone string) error {
	if _, err := r.run(ctx, releaseScript, captchaKey(hash), phone).Bool(); err != nil {
		return fmt.Errorf("release an SMS in Redis: %w", err)
	}
	return nil
}

// run runs a script on one key, within the timeout.
func (r *Redis) run(ctx context.Context, script *redis.Script, key string, arguments ...any) *redis.Cmd {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	return script.Run(ctx, r.client, []string{key}, arguments...)
}

func captchaKey(hash string) string { return "campusgate:captcha:" + strings.ToLower(hash) }

// A captcha's key is a Redis hash: kind, phone, and for a picture last (when it
// ends for good, Unix time in milliseconds), messages and phones (how many are
// reserved), and per such phone to:<phone> (how many SMS). The kinds are those of
// [Kind].
var (
	// The arguments are kind, phone, TTL and longest life.
	addScript = redis.NewScript(`
		local time = redis.call('TIME')
		local last = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4]
		redis.call('DEL', KEYS[1])
		redis.call('HSET', KEYS[1], 'kind', ARGV[1], 'phone', ARGV[2], 'last', last, 'messages', 0, 'phones', 0)
		redis.call('PEXPIRE', KEYS[1], ARGV[3])
		return 1`)

	// The arguments are kind, phone, whether to consume, and TTL.
	checkScript = redis.NewScript(`
		local kind, phone, last = unpack(redis.call('HMGET', KEYS[1], 'kind', 'phone', 'last'))
		if not kind or (ARGV[1] ~= '0' and ARGV[1] ~= kind) or (ARGV[2] ~= '' and ARGV[2] ~= phone) then
			return 0
		end
		if ARGV[3] == '1' then
			redis.call('DEL', KEYS[1])
		elseif kind == '1' then
			local time = redis.call('TIME')
			local left = last - time[1] * 1000 - math.floor(time[2] / 1000)
			redis.call('PEXPIRE', KEYS[1], math.min(ARGV[4], left))
		end
		return 1`)

	// The arguments are phone, and how many messages and phones there may be.
	reserveScript = redis.NewScript(`
		local to = 'to:' .. ARGV[1]
		local kind, messages, phones, before = unpack(redis.call('HMGET', KEYS[1], 'kind', 'messages', 'phones', to))
		if kind ~= '1' or tonumber(messages) >= tonumber(ARGV[2]) then
			return 0
		end
		if not before then
			if tonumber(phones) >= tonumber(ARGV[3]) then
				return 0
			end
			redis.call('HINCRBY', KEYS[1], 'phones', 1)
		end
		redis.call('HINCRBY', KEYS[1], 'messages', 1)
		redis.call('HINCRBY', KEYS[1], to, 1)
		return 1`)

	// The argument is phone.
	releaseScript = redis.NewScript(`
		local to = 'to:' .. ARGV[1]
		if redis.call('HEXISTS', KEYS[1], to) == 0 then
			return 0
		end
		redis.call('HINCRBY', KEYS[1], 'messages', -1)
		if redis.call('HINCRBY', KEYS[1], to, -1) == 0 then
			redis.call('HDEL', KEYS[1], to)
			redis.call('HINCRBY', KEYS[1], 'phones', -1)
		end
		return 1`)
)
