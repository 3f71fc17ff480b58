package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"campusgate/config"
	"campusgate/handlers/trade/channel"
	"campusgate/handlers/trade/channel/bill"
	"campusgate/storage"
)

// errDiffers only sets the exit status: the lines before it say what differs.
var errDiffers = errors.New("reconcile: the bill and the database differ")

// reconcileTime is the most that holding a bill against the database may take.
const reconcileTime = time.Hour

func setupReconcile(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	name := flags.String("channel", "", "the `NAME` of the channel: alipay or wechat")
	date := flags.String("date", "", "the bill's `DAY` in Beijing, such as 2026-11-26")
	file := flags.String("file", "", "the `BILL` as the channel's page gives it: Alipay's ZIP or CSV, WeChat Pay's CSV")
	return func(ctx context.Context, c *config.Config) error {
		day, err := time.ParseInLocation(time.DateOnly, *date, channel.Beijing)
		switch {
		case *name != channel.Alipay && *name != channel.WeChat:
			return p.misused(flags, "--channel must be alipay or wechat")
		case err != nil:
			return p.misused(flags, "--date must be a day such as 2026-11-26")
		case *file == "":
			return p.misused(flags, "--file must name the bill")
		}
		rows, err := readBill(*name, *file, day)
		if err != nil {
			return fmt.Errorf("%s: %w", *file, err)
		}
		return p.withDatabase(ctx, c, connectCurrent, func(db *storage.DB) error {
			r := reconciliation{db: db.Within(reconcileTime), out: p.stdout, channel: *name, from: day.Unix(), before: day.AddDate(0, 0, 1).Unix()}
			return r.run(ctx, rows)
		})
	}
}

// readBill reads a bill, which has to be that of the day. That a refund's row has its own
// time, and not that of its payment, is said nowhere.
func readBill(name, path string, day time.Time) ([]bill.Row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	content, err := io.ReadAll(io.LimitReader(file, bill.MaxSize+1))
	if err == nil && len(content) > bill.MaxSize {
		err = fmt.Errorf("is longer than %d bytes", bill.MaxSize)
	}
	if err != nil {
		return nil, err
	}
	rows, err := bill.Read(name, content)
	for _, row := range rows {
		began := row.Time.Before(day) && row.RefundNo != ""
		if of := row.Time.Format(time.DateOnly); of != day.Format(time.DateOnly) && !began {
			return nil, fmt.Errorf("has what was on %s", of)
		}
	}
	return rows, err
}

// A reconciliation holds a bill against the attempts and refunds of its day. It corrects
// nothing.
type reconciliation struct {
	db           *storage.DB
	out          io.Writer
	channel      string
	from, before int64 // the day, in Unix seconds
	differs      int
	billed       map[string]bool // numbers of attempts and refunds
}

func (r *reconciliation) run(ctx context.Context, rows []bill.Row) error {
	r.billed = map[string]bool{}
	var payments, refunds int
	var paid, refunded int64
	for _, row := range rows {
		number := cmp.Or(row.RefundNo, row.AttemptNo)
		if r.billed[number] {
			r.tell("TWICE IN THE BILL: %s", what(row))
			continue
		}
		r.billed[number] = true
		check := r.payment
		if row.RefundNo == "" {
			payments, paid = payments+1, paid+row.Amount
		} else {
			refunds, refunded = refunds+1, refunded+row.Amount
			check = r.refund
		}
		if err := check(ctx, row); err != nil {
			return err
		}
	}
	if err := r.missingThere(ctx); err != nil {
		return err
	}
	verdict := "ok"
	if r.differs > 0 {
		verdict = fmt.Sprintf("%d differ", r.differs)
	}
	fmt.Fprintf(r.out, "%s: %d payments of %s yuan, %d refunds of %s yuan in the bill: %s\n",
		r.channel, payments, channel.FormatYuan(paid), refunds, channel.FormatYuan(refunded), verdict)
	if r.differs > 0 {
		return errDiffers
	}
	return nil
}

// tell prints what differs.
func (r *reconciliation) tell(format string, args ...any) {
	r.differs++
	fmt.Fprintf(r.out, format+"\n", args...)
}

// what names a row of a bill.
func what(row bill.Row) string {
	if row.RefundNo != "" {
		return fmt.Sprintf("refund %s of %s yuan, payment %s", row.RefundNo, channel.FormatYuan(row.Amount), row.TradeNo)
	}
	return fmt.Sprintf("payment %s of %s yuan, number %s", row.TradeNo, channel.FormatYuan(row.Amount), row.AttemptNo)
}

// payment holds a payment of the bill against its attempt.
func (r *reconciliation) payment(ctx context.Context, row bill.Row) error {
	a, err := r.db.Attempt(ctx, row.AttemptNo)
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && a.Channel != r.channel:
		r.tell("MISSING HERE: %s", what(row))
		return nil
	case err != nil:
		return err
	case a.State != storage.AttemptPaid && a.State != storage.AttemptLate:
		r.tell("MISSING HERE: %s: the attempt is %s", what(row), a.State)
	case a.TradeNo != row.TradeNo:
		r.tell("OTHER NUMBER: %s: here it is %s", what(row), a.TradeNo)
	case a.Amount != row.Amount:
		r.tell("OTHER AMOUNT: %s: here it is %s", what(row), channel.FormatYuan(a.Amount))
	}
	return nil
}

// refund holds a refund of the bill against that of the same number.
func (r *reconciliation) refund(ctx context.Context, row bill.Row) error {
	refund, err := r.db.ChannelRefund(ctx, row.RefundNo)
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && refund.AttemptID != row.AttemptNo:
		r.tell("MISSING HERE: %s", what(row))
		return nil
	case err != nil:
		return err
	case refund.Amount != row.Amount:
		r.tell("OTHER AMOUNT: %s: here it is %s", what(row), channel.FormatYuan(refund.Amount))
	case refund.State == storage.ChannelRefundSettled:
		r.tell("TWICE GIVEN BACK: %s: an admin has given it to the wallet", what(row))
	}
	return nil
}

// missingThere looks for what ended here on the day and is not in the bill. What began
// before the day may be in the bill of the day before, and is told of only.
func (r *reconciliation) missingThere(ctx context.Context) error {
	attempts, err := r.db.AttemptsEnded(ctx, r.channel, r.from, r.before)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		r.missing(a.AttemptID, a.CreatTime, "payment %s of %s yuan, number %s", a.TradeNo, channel.FormatYuan(a.Amount), a.AttemptID)
	}
	refunds, err := r.db.ChannelRefundsEnded(ctx, r.channel, r.from, r.before)
	if err != nil {
		return err
	}
	for _, refund := range refunds {
		r.missing(refund.RefundNo, refund.CreatTime, "refund %s of %s yuan, number %s",
			refund.RefundNo, channel.FormatYuan(refund.Amount), refund.AttemptID)
	}
	return nil
}

func (r *reconciliation) missing(number string, began int64, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	switch {
	case r.billed[number]:
	case began < r.from:
		fmt.Fprintln(r.out, "look in the bill of the day before: "+text)
	default:
		r.tell("MISSING THERE: %s", text)
	}
}
