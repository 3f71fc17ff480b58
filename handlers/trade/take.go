package trade

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"campusgate/dispatch"
	"campusgate/storage"
)

// A taking is one step that is taken of orders: of one, or of all of a payment, which then
// are in the same state.
type taking struct {
	step   string
	by     actor
	orders []*storage.Order     // locked, after their payment where they are to be paid
	to     storage.OrderState   // which of the row's, where there are several
	note   string               // the reason given, for the history and the notices
	change func(*storage.Order) // what the step sets beside the table's effects
	longer time.Duration        // for which the clock runs on
	at     int64                // when it is taken; 0 is now

	lines  []storage.OrderLine // of commit
	jobs   []storage.Job       // of commit, beside the orders' own
	payer  storage.Account     // of pay: where the money comes from
	method string              // of pay
	moves  []storage.Move      // of a refund
	// back are the pieces of a line that a refund puts back into its stock; nil is none.
	back func(storage.OrderLine) int64
	// ends reports whether a refund takes off the days of a line's course; nil is of none.
	ends func(storage.OrderLine) bool
}

// An actor takes steps as one of the actors.
type actor struct {
	as   actors
	user string // "" of a clock
}

var byClock = actor{as: clock}

// take takes a step in the caller's transaction: every call, callback and clock does it
// here. It changes the orders in memory and in the database, with the money, beli, credit,
// records and stock that the table names, and writes their history and jobs. It fails with
// the step's status where an order is not in its place; what was done until then ends with
// the transaction.
func (d Deps) take(ctx context.Context, tx *storage.Tx, t taking) error {
	err := d.takeAll(ctx, tx, t)
	if err == nil {
		d.countTaken(tx, t)
	}
	return d.notTaken(ctx, t.step, err)
}

// takeAll is take, and counts nothing.
func (d Deps) takeAll(ctx context.Context, tx *storage.Tx, t taking) error {
	now := cmp.Or(t.at, d.Clock.Unix())
	row := stepOf(t.step, t.orders[0])
	if row.who&t.by.as == 0 {
		return fmt.Errorf("step %s is not the %s's", t.step, actorNames[t.by.as])
	}
	was := make([]storage.OrderState, len(t.orders))
	for i, order := range t.orders {
		if status := row.refuses(order, now); status != dispatch.OK {
			return dispatch.Fail(status, "")
		}
		was[i] = order.State
	}
	if err := d.affectUsers(ctx, tx, row, t, now); err != nil { // before the orders are written, which hold their escrow
		return err
	}
	for _, order := range t.orders {
		if err := d.enter(order, row, t, now); err != nil {
			return err
		}
	}
	if err := write(ctx, tx, row, t, was); err != nil {
		return err
	}
	if err := d.affectRecords(ctx, tx, row, t, now); err != nil {
		return err
	}
	if err := affectStock(ctx, tx, row, t, was); err != nil {
		return err
	}
	if err := affectCourses(ctx, tx, row, t, now); err != nil {
		return err
	}
	return d.record(ctx, tx, row, t, was, now)
}

// enter brings an order to where the step leads.
func (d Deps) enter(o *storage.Order, row *step, t taking, now int64) error {
	if t.change != nil {
		t.change(o)
	}
	o.Steps++
	o.ClockEnd += seconds(t.longer)
	if len(row.to) == 0 {
		return nil
	}
	next := row.to[0]
	if len(row.to) > 1 {
		if next = t.to; !slices.Contains(row.to, next) {
			return fmt.Errorf("step %s does not lead to %q", row.name, next)
		}
	}
	if next == stateFormer {
		next = o.FormerState
	}
	from, known := o.State, stateOf(next)
	o.State, o.ListState = next, known.list
	d.Settings.Periods.begin(o, from, now)
	switch {
	case next == stateShipped && o.ShipTime == 0:
		o.ShipTime = now
	case next == stateFinish && o.FinishTime == 0:
		o.FinishTime = now
	case known.closed:
		o.ClosedTime = now
	}
	return nil
}

// write stores the orders, each of which was in a state.
func write(ctx context.Context, tx *storage.Tx, row *step, t taking, was []storage.OrderState) error {
	if len(row.from) == 0 {
		made := make([]storage.Order, len(t.orders))
		for i, order := range t.orders {
			made[i] = *order
		}
		if err := tx.InsertOrders(ctx, made); err != nil {
			return err
		}
		return tx.InsertOrderLines(ctx, t.lines)
	}
	for i, order := range t.orders {
		err := tx.UpdateOrder(ctx, order, was[i])
		if errors.Is(err, storage.ErrNotFound) {
			err = dispatch.Fail(row.refusal, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// record writes what has happened, and asks for what follows.
func (d Deps) record(ctx context.Context, tx *storage.Tx, row *step, t taking, was []storage.OrderState, now int64) error {
	history := make([]storage.OrderStep, len(t.orders))
	jobs := t.jobs
	for i, o := range t.orders {
		history[i] = storage.OrderStep{
			OrderID: o.OrderID, Number: o.Steps, Step: row.name, State: o.State, Time: now,
			Who: actorNames[t.by.as], UserID: t.by.user, Note: t.note, Title: row.told, Sale: stateOf(o.State).pieces() - stateOf(was[i]).pieces(),
		}
		history[i].Untold = row.told != "" || history[i].Sale != 0
		if was[i] != o.State || t.longer > 0 {
			jobs = append(jobs, d.Settings.Periods.clockJobs(o, now)...)
		}
		if row.does == charges && o.Debt > 0 {
			jobs = append(jobs, d.debtJob(o, now))
		}
		if stateOf(o.State).closed && was[i] != o.State && o.Address != "" {
			jobs = append(jobs, storage.Job{Kind: orderEraseJob, Key: o.OrderID, Due: now + seconds(keepAddress)})
		}
		tx.Push(o.UserID, history[i])
		tx.Push(o.SellerID, history[i])
		if t.by.as == admin {
			err := tx.AddAudit(ctx, storage.Audit{
				Time: now, UserID: t.by.user, Call: "order/" + row.name, Target: "order " + o.OrderID,
				Before: string(was[i]), After: string(o.State) + " " + t.note,
			})
			if err != nil {
				return err
			}
		}
	}
	if err := tx.AddOrderSteps(ctx, history); err != nil {
		return err
	}
	return tx.AddJobs(ctx, jobs)
}

// actorOf is as whom the caller takes a step of an order. To others there is no such order;
// an admin takes none of an own order but as one of its sides.
func actorOf(ctx context.Context, who actors, o *storage.Order) (actor, error) {
	caller := dispatch.CallerFrom(ctx)
	isAdmin := who&admin != 0 && caller.Role == storage.RoleAdmin
	switch {
	case who&buyer != 0 && caller.User == o.UserID:
		return actor{buyer, caller.User}, nil
	case who&seller != 0 && caller.User == o.SellerID:
		return actor{seller, caller.User}, nil
	case isAdmin && (caller.User == o.UserID || caller.User == o.SellerID):
		return actor{}, dispatch.Fail(dispatch.NoPermission, "order_id: your own order")
	case isAdmin && caller.Frozen:
		return actor{}, dispatch.Fail(dispatch.AccountFrozen, "")
	case isAdmin:
		return actor{admin, caller.User}, nil
	}
	return actor{}, noOrder()
}

func noOrder() error {
	return dispatch.Fail(orderNotExist, "order_id: no such order, or not yours to do this with")
}

// takeOne is a call that takes a step of one order: it locks the order, finds as whom the
// caller takes the step, and lets prepare complete the taking once it can be taken.
func (d Deps) takeOne(ctx context.Context, tx *storage.Tx, name, orderID string, prepare func(o *storage.Order, t *taking) error) error {
	order, err := tx.LockOrder(ctx, orderID)
	if errors.Is(err, storage.ErrNotFound) {
		return noOrder()
	}
	if err != nil {
		return err
	}
	row := stepOf(name, order)
	by, err := actorOf(ctx, row.who, order)
	if err != nil {
		return err
	}
	if status := row.refuses(order, d.Clock.Unix()); status != dispatch.OK {
		return d.notTaken(ctx, name, dispatch.Fail(status, ""))
	}
	t := taking{step: name, by: by, orders: []*storage.Order{order}}
	if prepare != nil {
		if err := prepare(order, &t); err != nil {
			return d.notTaken(ctx, name, err)
		}
	}
	return d.take(ctx, tx, t)
}
