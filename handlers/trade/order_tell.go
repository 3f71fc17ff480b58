package trade

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"campusgate/storage"
)

const (
	stepsAtOnce = 100  // that one transaction tells of
	maxTurns    = 1000 // of a run, which then gives way to others
)

// runSteps does what follows the steps of orders and can be late: it tells the sides that
// have not taken them, and counts what was sold. A step's row in the history says what is
// left to do, so that a step costs no job of its own.
func (d Deps) runSteps(ctx context.Context, _ storage.Job) error {
	for range maxTurns {
		steps, err := d.DB.UntoldSteps(ctx, stepsAtOnce)
		if err != nil || len(steps) == 0 {
			return err
		}
		if err := d.DB.InTx(ctx, func(tx *storage.Tx) error { return d.follow(ctx, tx, steps) }); err != nil {
			return err
		}
	}
	return nil
}

// follow does what follows some steps, once.
func (d Deps) follow(ctx context.Context, tx *storage.Tx, steps []storage.UntoldStep) error {
	if err := tx.StepsTold(ctx, steps); err != nil {
		return err
	}
	var ids []string
	for _, step := range steps {
		ids = append(ids, step.OrderID)
	}
	lines := map[string][]storage.OrderLine{}
	found, err := tx.OrderLines(ctx, slices.Compact(ids)...)
	if err != nil {
		return err
	}
	for _, line := range found {
		lines[line.OrderID] = append(lines[line.OrderID], line)
	}
	slices.SortStableFunc(steps, func(a, b storage.UntoldStep) int { return cmp.Compare(a.Time, b.Time) })
	var notices []storage.Notice
	sales := map[int64]int64{}
	for _, step := range steps {
		told := notice{key: "order " + step.OrderID + "/" + strconv.FormatInt(step.Number, 10), title: step.Title, note: step.Note}
		if told.title != "" && step.Who != actorNames[seller] {
			notices = append(notices, d.noticeOf(lines[step.OrderID], told, step.SellerID))
		}
		if told.title != "" && step.Who != actorNames[buyer] {
			notices = append(notices, d.noticeOf(lines[step.OrderID], told, step.BuyerID))
		}
		for _, line := range lines[step.OrderID] {
			sales[line.ProductID] += step.Sale * line.Pieces
		}
	}
	if err := tx.AddNotices(ctx, notices); err != nil {
		return err
	}
	for _, product := range slices.Sorted(maps.Keys(sales)) {
		if sales[product] == 0 {
			continue
		}
		if err := tx.AddSold(ctx, product, sales[product]); err != nil {
			return err
		}
	}
	return nil
}

// A notice is what an order's sides are told.
type notice struct {
	key         string // once for each user
	title, note string
}

// noticeOf is a notice to a user about an order with these lines.
func (d Deps) noticeOf(lines []storage.OrderLine, n notice, user string) storage.Notice {
	first := lines[0]
	name := "“" + first.ProductName + "”"
	if len(lines) > 1 {
		name += fmt.Sprintf("等 %d 种商品", len(lines))
	}
	content := "订单 " + first.OrderID + "（" + name + "）：" + n.title + "。"
	if n.note != "" {
		content += "说明：" + n.note
	}
	return storage.Notice{
		UserID: user, Key: n.key, Kind: "order", Title: n.title, Content: content,
		OrderID: first.OrderID, ProductID: first.ProductID, CreatTime: d.Clock.Unix(),
	}
}

// tell tells a user something about an order.
func (d Deps) tell(ctx context.Context, tx *storage.Tx, order *storage.Order, n notice, user string) error {
	lines, err := tx.OrderLines(ctx, order.OrderID)
	if err != nil {
		return err
	}
	return tx.AddNotice(ctx, d.noticeOf(lines, n, user))
}

func (d Deps) tellAdmins(ctx context.Context, tx *storage.Tx, order *storage.Order, n notice) error {
	grants, err := tx.Grants(ctx)
	if err != nil {
		return err
	}
	for _, grant := range grants {
		if grant.Role != storage.RoleAdmin {
			continue
		}
		if err := d.tell(ctx, tx, order, n, grant.UserID); err != nil {
			return err
		}
	}
	return nil
}
