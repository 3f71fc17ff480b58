package captchas

import (
	"context"
	"fmt"
	"strings"
	"time"

	"campusgate/storage/redis"
)

// Redis keeps hashes in Redis, where all replicas find them. It is safe for concurrent
// use; its calls fail as those of a [redis.Client] do.
//
// Each hash is one key that Redis itself ends, and each call is one script on it. Time
// is Redis' own, so that replicas' clocks do not matter.
type Redis struct {
	client           *redis.Client
	ttl, maxLifetime time.Duration
}

// NewRedis returns a store in the client's Redis. The times are those of [Options],
// counted in milliseconds.
func NewRedis(client *redis.Client, ttl, maxLifetime time.Duration) *Redis {
	return &Redis{client: client, ttl: ttl, maxLifetime: maxLifetime}
}

// Add is [Memory.Add].
func (r *Redis) Add(ctx context.Context, hash string, code Code) error {
	_, err := r.client.Run(ctx, addScript, captchaKey(hash),
		int(code.Kind), code.Phone, r.ttl.Milliseconds(), r.maxLifetime.Milliseconds()).Bool()
	if err != nil {
		return fmt.Errorf("add captcha to Redis: %w", err)
	}
	return nil
}

// Check is [Memory.Check].
func (r *Redis) Check(ctx context.Context, query Query) (bool, error) {
	found, err := r.client.Run(ctx, checkScript, captchaKey(query.Hash),
		int(query.Kind), query.Phone, query.Consume, r.ttl.Milliseconds()).Bool()
	if err != nil {
		return false, fmt.Errorf("check captcha in Redis: %w", err)
	}
	return found, nil
}

// Reserve is [Memory.Reserve].
func (r *Redis) Reserve(ctx context.Context, hash, phone string) (bool, error) {
	reserved, err := r.client.Run(ctx, reserveScript, captchaKey(hash), phone, MaxMessages, MaxPhones).Bool()
	if err != nil {
		return false, fmt.Errorf("reserve an SMS in Redis: %w", err)
	}
	return reserved, nil
}

// Release is [Memory.Release].
func (r *Redis) Release(ctx context.Context, hash, phone string) error {
	if _, err := r.client.Run(ctx, releaseScript, captchaKey(hash), phone).Bool(); err != nil {
		return fmt.Errorf("release an SMS in Redis: %w", err)
	}
	return nil
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
