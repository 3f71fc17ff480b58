package wire

import (
	"bytes"
	"context"
	"errors"
	"math"
	"time"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/storage"
)

// errKeyTaken says that the key of a repeatable call is taken.
var errKeyTaken = errors.New("request_key is taken")

// Once runs the effect of a call in one transaction and returns its answer. Every call
// whose need says Once has its effect through it: where the client has named the call by
// a request_key, the key and the answer are written in the same transaction, and the same
// call with the same key and data gets that answer and has no effect. The unique index
// of the keys lets one of several such calls go on, on whichever replica; the others wait
// for it within their deadlines, or else answer -304. An effect that fails leaves the key
// free. It may run again, as in [storage.DB.InTx].
func Once[Res any](ctx context.Context, db *storage.DB, now time.Time, effect func(tx *storage.Tx) (Res, error)) (Res, error) {
	repeatable, ok := dispatch.RepeatableFrom(ctx)
	if !ok {
		return inTx(ctx, db, effect)
	}
	key := storage.RequestKey{
		UserID: dispatch.CallerFrom(ctx).User, Call: repeatable.Call, Key: repeatable.Key,
	}
	for {
		answer, taken, err := onceTaken(ctx, db, key, repeatable, now, effect)
		switch {
		case errors.Is(err, errKeyTaken):
		case !taken && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)):
			return answer, dispatch.Fail(dispatch.StateChanged, "request_key: the same call is still running").Because(err)
		default:
			return answer, KnownOrDatabase(err)
		}
		if answer, found, err := keptAnswer[Res](ctx, db, key, repeatable, now); found || err != nil {
			return answer, err
		}
	}
}

// Forget frees the key of a repeatable call whose effect is kept, and which failed behind
// it: the call may be sent again.
func Forget(ctx context.Context, tx *storage.Tx) error {
	repeatable, ok := dispatch.RepeatableFrom(ctx)
	if !ok {
		return nil
	}
	key := storage.RequestKey{UserID: dispatch.CallerFrom(ctx).User, Call: repeatable.Call, Key: repeatable.Key}
	return tx.FreeRequestKey(ctx, key, math.MaxInt64)
}

// inTx runs an effect without a key.
func inTx[Res any](ctx context.Context, db *storage.DB, effect func(tx *storage.Tx) (Res, error)) (answer Res, err error) {
	err = db.InTx(ctx, func(tx *storage.Tx) (err error) {
		answer, err = effect(tx)
		return err
	})
	return answer, KnownOrDatabase(err)
}

// onceTaken takes the key and runs the effect. It fails with errKeyTaken where the key is
// another's; taken says that it was not, and that the effect has begun.
func onceTaken[Res any](ctx context.Context, db *storage.DB, key storage.RequestKey, repeatable dispatch.Repeatable, now time.Time,
	effect func(tx *storage.Tx) (Res, error),
) (answer Res, taken bool, err error) {
	err = db.InTx(ctx, func(tx *storage.Tx) error {
		taken = false
		err := tx.TakeRequestKey(ctx, key, repeatable.DataHash[:], now.Add(repeatable.Keep).Unix())
		if errors.Is(err, storage.ErrConflict) {
			return errKeyTaken
		}
		if err != nil {
			return err
		}
		taken = true
		if answer, err = effect(tx); err != nil {
			return err
		}
		text, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		return tx.KeepAnswer(ctx, key, text)
	})
	return answer, taken, err
}

// keptAnswer is that of the call which has taken the key. It is not found where that
// call has failed meanwhile, or was too long ago: then the key is free.
func keptAnswer[Res any](ctx context.Context, db *storage.DB, key storage.RequestKey, repeatable dispatch.Repeatable, now time.Time) (answer Res, found bool, err error) {
	kept, err := db.KeptAnswer(ctx, key)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return answer, false, nil
	case err != nil:
		return answer, false, DatabaseFailure(err)
	case kept.ExpireTime <= now.Unix():
		return answer, false, KnownOrDatabase(db.FreeRequestKey(ctx, key, now.Unix()))
	case !bytes.Equal(kept.DataHash, repeatable.DataHash[:]):
		return answer, true, dispatch.Fail(dispatch.RepeatedRequest, "request_key: was used with other data")
	}
	if err := json.Unmarshal(kept.Answer, &answer); err != nil {
		return answer, true, DatabaseFailure(err)
	}
	return answer, true, nil
}
