package captchas

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"campusgate/storage/redis"
)

// Redis keeps hashes in Redis, where all replicas find them. It is safe for concurrent
// use; its calls fail as those of a [redis.Client] do.
//
// Each hash is one key that Redis itself ends, and so is each phone with codes; a call is
// one script on a key, or one on each. In a Cluster they lie on different nodes, so a
// phone's key alone says which of its codes live: the look at a code, the count of a wrong
// guess and the end of all are one script. Time is Redis' own, so that replicas' clocks do
// not matter.
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
	ttl := cmp.Or(code.TTL, r.ttl).Milliseconds()
	if code.Kind != Picture {
		err := r.client.Run(ctx, addPhoneScript, phoneKey(code.Kind, code.Phone), strings.ToLower(hash), ttl).Err()
		if err != nil {
			return fmt.Errorf("add captcha to Redis: %w", err)
		}
	}
	_, err := r.client.Run(ctx, addScript, captchaKey(hash),
		int(code.Kind), code.Phone, ttl, r.maxLifetime.Milliseconds()).Bool()
	if err != nil {
		return fmt.Errorf("add captcha to Redis: %w", err)
	}
	return nil
}

// Check is [Memory.Check].
func (r *Redis) Check(ctx context.Context, query Query) (bool, error) {
	found, err := r.check(ctx, query)
	if err != nil {
		return false, fmt.Errorf("check captcha in Redis: %w", err)
	}
	return found, nil
}

func (r *Redis) check(ctx context.Context, query Query) (bool, error) {
	switch {
	case query.Phone == "":
	case query.Kind == Picture: // which has no phone
		return false, nil
	default:
		return r.checkPhone(ctx, query)
	}
	answer, err := r.client.Run(ctx, checkScript, captchaKey(query.Hash),
		int(query.Kind), query.Consume, r.ttl.Milliseconds()).Result()
	if phone, isMessage := answer.(string); isMessage {
		query.Phone = phone
		return r.checkPhone(ctx, query)
	}
	return answer == int64(1), err
}

// checkPhone looks for a code among those of the query's phone.
func (r *Redis) checkPhone(ctx context.Context, query Query) (bool, error) {
	return r.client.Run(ctx, checkPhoneScript, phoneKey(query.Kind, query.Phone),
		strings.ToLower(query.Hash), query.Consume, query.Counts, MaxGuesses, query.Shows, query.LetsIn).Bool()
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

func phoneKey(kind Kind, phone string) string {
	if kind == Mail {
		return "campusgate:mail:" + phone
	}
	return "campusgate:phone:" + phone
}

// A captcha's key is a Redis hash: kind, phone (where to look further for a message), and
// for a picture last (when it ends for good, Unix time in milliseconds), messages and
// phones (how many are reserved), and per such phone to:<phone> (how many SMS). The kinds
// are those of [Kind].
//
// A phone's key is a Redis hash too, and lives as long as the last of its codes:
// code:<hash> (when it ends, Unix time in milliseconds; 0 once it is consumed, for a Redis
// hash without a field would be gone), and wrong (how many guesses).
var (
	// The arguments are kind, phone, TTL and longest life.
	addScript = redis.NewScript(`
		local time = redis.call('TIME')
		local last = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4]
		redis.call('DEL', KEYS[1])
		redis.call('HSET', KEYS[1], 'kind', ARGV[1], 'phone', ARGV[2], 'last', last, 'messages', 0, 'phones', 0)
		redis.call('PEXPIRE', KEYS[1], ARGV[3])
		return 1`)

	// The arguments are hash and TTL.
	addPhoneScript = redis.NewScript(`
		local time = redis.call('TIME')
		local ends = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
		redis.call('HSET', KEYS[1], 'code:' .. ARGV[1], ends)
		redis.call('HDEL', KEYS[1], 'shown:' .. ARGV[1])
		redis.call('PEXPIRE', KEYS[1], ARGV[2])
		return 1`)

	// The arguments are kind, whether to consume, and TTL. The answer is the phone of a
	// message, and of a picture whether it is found.
	checkScript = redis.NewScript(`
		local kind, phone, last = unpack(redis.call('HMGET', KEYS[1], 'kind', 'phone', 'last'))
		if not kind or ARGV[1] ~= kind and (ARGV[1] ~= '0' or kind == '3') then
			return 0
		end
		if kind ~= '1' then
			return phone
		end
		if ARGV[2] == '1' then
			redis.call('DEL', KEYS[1])
		else
			local time = redis.call('TIME')
			local left = last - time[1] * 1000 - math.floor(time[2] / 1000)
			redis.call('PEXPIRE', KEYS[1], math.min(ARGV[3], left))
		end
		return 1`)

	// The arguments are hash, whether to consume, whether a wrong guess counts, how
	// many of them end the codes, whether a code that is found was shown, and whether one
	// that was is not found.
	checkPhoneScript = redis.NewScript(`
		local code = 'code:' .. ARGV[1]
		local ends = redis.call('HGET', KEYS[1], code)
		local time = redis.call('TIME')
		local shown = 'shown:' .. ARGV[1]
		if ends and tonumber(ends) > time[1] * 1000 + math.floor(time[2] / 1000)
			and (ARGV[6] ~= '1' or redis.call('HEXISTS', KEYS[1], shown) == 0) then
			if ARGV[2] == '1' then
				redis.call('HSET', KEYS[1], code, 0)
			elseif ARGV[5] == '1' then
				redis.call('HSET', KEYS[1], shown, 1)
			end
			return 1
		end
		if ARGV[3] == '1' and redis.call('EXISTS', KEYS[1]) == 1
			and redis.call('HINCRBY', KEYS[1], 'wrong', 1) >= tonumber(ARGV[4]) then
			redis.call('DEL', KEYS[1])
		end
		return 0`)

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
