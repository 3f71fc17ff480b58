package storage_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

const (
	payA     = "17649984000000100"
	attemptA = payA + "01"
	attemptB = payA + "02"
)

func newAttempt(id string) storage.Attempt {
	return storage.Attempt{
		AttemptID: id, PayID: payA, Channel: "sandbox", Client: "pc", ReturnURL: "https://a.example/", Subject: "茶",
		Amount: 10_00, State: storage.AttemptOpen, Action: []byte{}, CreatTime: 100, ExpireTime: 1900,
	}
}

func inTx(t *testing.T, db *storage.DB, do func(*storage.Tx) error) error {
	t.Helper()
	return db.InTx(t.Context(), do)
}

func TestAttempts(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		want := newAttempt(attemptA)
		insert := func(a storage.Attempt) error {
			return inTx(t, db, func(tx *storage.Tx) error { return tx.InsertAttempt(ctx, a) })
		}
		must(t, insert(want))
		if err := insert(want); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("an id twice: %v", err)
		}
		is := func(want storage.Attempt) {
			t.Helper()
			got, err := db.Attempt(ctx, want.AttemptID)
			must(t, err)
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		is(want)
		must(t, db.SetAttemptAction(ctx, attemptA, "ch_1", []byte(`{"a":1}`)))
		want.ChannelID, want.Action = "ch_1", []byte(`{"a":1}`)
		for _, c := range []struct {
			now, before int64
			want        bool
		}{{100, 95, true}, {104, 99, false}, {105, 100, true}} {
			asked, err := db.AskAttempt(ctx, attemptA, c.now, c.before)
			if err != nil || asked != c.want {
				t.Errorf("asked at %d: %t, %v", c.now, asked, err)
			}
		}
		want.AskTime = 105
		is(want)
		end := func(id, tradeNo string) error {
			return inTx(t, db, func(tx *storage.Tx) error {
				if _, err := tx.LockAttempt(ctx, id); err != nil {
					return err
				}
				return tx.EndAttempt(ctx, id, storage.AttemptPaid, tradeNo, 200)
			})
		}
		must(t, insert(newAttempt(attemptB)))
		must(t, end(attemptA, "T1"))
		want.State, want.TradeNo, want.EndTime = storage.AttemptPaid, "T1", 200
		is(want)
		if err := end(attemptB, "T1"); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("a channel's number twice: %v", err)
		}
		other := newAttempt(payA + "03")
		other.Channel = "alipay"
		must(t, insert(other))
		must(t, end(other.AttemptID, "T1")) // another channel's numbers are its own
		all, err := db.Attempts(ctx, payA)
		must(t, err)
		var ids []string
		for _, a := range all {
			ids = append(ids, a.AttemptID+" "+a.State)
		}
		if diff := cmp.Diff([]string{attemptA + " paid", attemptB + " open", other.AttemptID + " paid"}, ids); diff != "" {
			t.Error(diff)
		}
		if _, err := db.Attempt(ctx, "1"); !errors.Is(err, storage.ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestChannelRefunds(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		late := storage.ChannelRefund{RefundNo: attemptA + "L", AttemptID: attemptA, Amount: 10_00, State: storage.ChannelRefundWaiting, CreatTime: 100}
		part := storage.ChannelRefund{RefundNo: attemptA + "R1", AttemptID: attemptA, OrderID: "17649984000000101", Number: 1, Amount: 1, State: storage.ChannelRefundWaiting, CreatTime: 101}
		insert := func(r storage.ChannelRefund) error {
			return inTx(t, db, func(tx *storage.Tx) error { return tx.InsertChannelRefund(ctx, r) })
		}
		must(t, insert(late))
		must(t, insert(part))
		if err := insert(late); !errors.Is(err, storage.ErrConflict) {
			t.Errorf("a number twice: %v", err)
		}
		end := func(from, to string) error {
			return inTx(t, db, func(tx *storage.Tx) error { return tx.EndChannelRefund(ctx, part.RefundNo, from, to, 200) })
		}
		must(t, end(storage.ChannelRefundWaiting, storage.ChannelRefundDone))
		if err := end(storage.ChannelRefundWaiting, storage.ChannelRefundRefused); !errors.Is(err, storage.ErrNotFound) {
			t.Errorf("ended twice: %v", err)
		}
		part.State, part.EndTime = storage.ChannelRefundDone, 200
		for _, c := range []struct {
			name string
			list func() ([]storage.ChannelRefund, error)
			want []storage.ChannelRefund
		}{
			{"of the attempt", func() ([]storage.ChannelRefund, error) { return db.ChannelRefunds(ctx, attemptA) }, []storage.ChannelRefund{late, part}},
			{"of the order", func() ([]storage.ChannelRefund, error) { return db.ChannelRefundsOfOrder(ctx, part.OrderID) }, []storage.ChannelRefund{part}},
		} {
			got, err := c.list()
			must(t, err)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
		if got, err := db.ChannelRefund(ctx, part.RefundNo); err != nil || got != part {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// Of an attempt there is one anomaly of each kind: again, it has the new amount, and one
// that was over is open again.
func TestAnomalies(t *testing.T) {
	t.Parallel()
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		anomaly := storage.Anomaly{Channel: "sandbox", AttemptID: attemptA, PayID: payA, Kind: "amount", Amount: 10_01, CreatTime: 100}
		unknown := storage.Anomaly{Channel: "alipay", AttemptID: "x", Kind: "attempt", Amount: 5, CreatTime: 101}
		add := func(a storage.Anomaly) {
			t.Helper()
			must(t, inTx(t, db, func(tx *storage.Tx) error { return tx.AddAnomaly(ctx, a) }))
		}
		open := func(want ...storage.Anomaly) {
			t.Helper()
			got, total, err := db.Anomalies(ctx, storage.Page{Limit: 20})
			must(t, err)
			for i := range got {
				got[i].AnomalyID = 0
			}
			if diff := cmp.Diff(append([]storage.Anomaly{}, want...), got); diff != "" || total != int64(len(want)) {
				t.Errorf("%d (-want +got):\n%s", total, diff)
			}
		}
		add(anomaly)
		add(unknown)
		open(unknown, anomaly)
		anomaly.Amount, anomaly.CreatTime = 10_02, 150
		add(anomaly)
		anomaly.CreatTime = 100
		open(unknown, anomaly)
		must(t, inTx(t, db, func(tx *storage.Tx) error { return tx.EndAnomalies(ctx, "sandbox", attemptA, 200) }))
		open(unknown)
		anomaly.CreatTime = 300
		add(anomaly)
		open(unknown, anomaly)
		second := anomaly
		second.Kind = "refund"
		add(second)
		must(t, inTx(t, db, func(tx *storage.Tx) error { return tx.EndAnomaly(ctx, "sandbox", attemptA, "amount", 400) }))
		open(second, unknown)
	})
}
