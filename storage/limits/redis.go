package limits

import (
	"context"
	"fmt"
	"time"

	"campusgate/storage/redis"
)

// Redis counts events of a key in sliding windows, over all replicas and as
// exactly as a [Memory]: to the microsecond of Redis' clock. It is safe for
// concurrent use; its calls fail as those of a [redis.Client] do.
//
// Each key is a list of when its events were, as many as the largest window
// counts. Redis ends it when its windows are empty.
type Redis struct {
	client *redis.Client
}

// NewRedis returns a limiter that counts in the client's Redis.
func NewRedis(client *redis.Client) *Redis { return &Redis{client} }

// Take is [Memory.Take].
func (r *Redis) Take(ctx context.Context, key string, windows []Window) (refused int, retryAfter time.Duration, err error) {
	if len(windows) == 0 {
		return -1, 0, nil
	}
	arguments := make([]any, 0, 2*len(windows))
	for _, window := range windows {
		arguments = append(arguments, window.Count, window.Within.Microseconds())
	}
	answer, err := r.client.Run(ctx, takeScript, limitKey(key), arguments...).Int64Slice()
	if err != nil {
		return -1, 0, fmt.Errorf("count an event in Redis: %w", err)
	}
	return int(answer[0]), time.Duration(answer[1]) * time.Microsecond, nil
}

// Count is [Memory.Count].
func (r *Redis) Count(ctx context.Context, key string, within time.Duration) (int, error) {
	count, err := r.client.Run(ctx, countScript, limitKey(key), within.Microseconds()).Int()
	if err != nil {
		return 0, fmt.Errorf("count events in Redis: %w", err)
	}
	return count, nil
}

// Return is [Memory.Return].
func (r *Redis) Return(ctx context.Context, key string) error {
	if _, err := r.client.Run(ctx, returnScript, limitKey(key)).Bool(); err != nil {
		return fmt.Errorf("return an event in Redis: %w", err)
	}
	return nil
}

func limitKey(key string) string { return "campusgate:limit:" + key }

// The arguments are count and span (microseconds) of each window. The answer is
// the index of the first full one, or -1, and the microseconds until all have room.
//
// A time that is before the newest event (a new master's clock may be behind) is
// taken for that event's: no wait is longer than its window.
var takeScript = redis.NewScript(`
	local time = redis.call('TIME')
	local now = time[1] * 1000000 + time[2]
	now = math.max(now, redis.call('LINDEX', KEYS[1], -1) or 0)
	local refused, wait, most, longest = -1, 0, 0, 0
	for i = 1, #ARGV, 2 do
		local count, within, room = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), 0
		if count < 1 then
			room = within
		else
			local event = redis.call('LINDEX', KEYS[1], -count)
			if event then
				room = event + within - now
			end
		end
		if room > 0 and refused < 0 then
			refused = (i - 1) / 2
		end
		wait, most, longest = math.max(wait, room), math.max(most, count), math.max(longest, within)
	end
	if refused < 0 then
		redis.call('RPUSH', KEYS[1], now)
		redis.call('LTRIM', KEYS[1], -most, -1)
		redis.call('PEXPIRE', KEYS[1], math.ceil(longest / 1000))
	end
	return {refused, wait}`)

// The argument is a span (microseconds). The answer is how many events were within it.
var countScript = redis.NewScript(`
	local time, count = redis.call('TIME'), 0
	for _, event in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
		if event + ARGV[1] > time[1] * 1000000 + time[2] then
			count = count + 1
		end
	end
	return count`)

// The answer says whether there was an event.
var returnScript = redis.NewScript(`
	return redis.call('RPOP', KEYS[1]) and 1 or 0`)
