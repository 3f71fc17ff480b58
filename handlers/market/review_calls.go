package market

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

type reportProduct struct {
	ProductID int64  `json:"product_id" rule:"required range=any"`
	Reason    string `json:"reason" rule:"required max=200" doc:"for the admins"`
}

func (reportProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A user's second report of a product does nothing.",
		Example:  `{"product_id": 4517733, "reason": "与描述不符"}`,
		Statuses: []dispatch.Status{productIDError},
	}
}

func (p productCalls) report(ctx context.Context, in reportProduct) (wire.None, error) {
	user, now := dispatch.CallerFrom(ctx).User, p.Clock.Now()
	return wire.Once(ctx, p.DB, now, func(tx *storage.Tx) (none wire.None, err error) {
		product, err := lockProduct(ctx, tx, in.ProductID)
		if err != nil {
			return none, err
		}
		if sees, err := wire.SeesProduct(ctx, &tx.Queries, product.MarketProduct); err != nil || !sees {
			return none, cmp.Or(err, noProduct())
		}
		err = tx.AddProductReport(ctx, storage.ProductReport{UserID: user, ProductID: in.ProductID, Reason: in.Reason, Time: now.Unix()})
		if errors.Is(err, storage.ErrConflict) {
			return none, nil
		}
		if err != nil {
			return none, err
		}
		return none, tx.AskReview(ctx, in.ProductID, now.Unix(), &in.Reason)
	})
}

type listReviews struct{ wire.ListPage }

// reviewRow is a product that an admin may decide.
type reviewRow struct {
	marketRow

	ReviewState int64  `json:"review_state" doc:"of the newest version; 0: none needed, 1: waiting, 2: passed, 3: refused"`
	ReviewNote  string `json:"review_note"`
	SinceTime   string `json:"since_time" doc:"when it began to wait, or was first reported"`
	Reports     int64  `json:"reports" doc:"since an admin has last decided"`
	Reason      string `json:"reason" doc:"of the last report"`
}

func (listReviews) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:   "What waits for its review and what was reported, the longest first. `product/detail` shows an admin the version that waits.",
		Example: `{}`,
	}
}

func (p productCalls) reviews(ctx context.Context, in listReviews) (wire.List[reviewRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[reviewRow]{}, err
	}
	waiting, total, err := p.DB.ProductReviews(ctx, page)
	if err != nil {
		return wire.List[reviewRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(waiting, total, func(r storage.ProductReview) reviewRow {
		return reviewRow{
			marketRow: p.marketRow(r.MarketProduct), ReviewState: r.NewestState, ReviewNote: r.NewestNote,
			SinceTime: p.Clock.Text(r.Since), Reports: r.Reports, Reason: r.Reason,
		}
	}), nil
}

type reviewProduct struct {
	ProductID int64  `json:"product_id" rule:"required range=any"`
	Pass      int64  `json:"pass" rule:"required oneof=0|1" doc:"0 refuses it, and takes down a passed one, goods of a shop too; 1 lets it be seen"`
	Note      string `json:"note" rule:"max=200" doc:"why; the seller reads it"`
}

func (reviewProduct) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Decides the newest version. Where that is refused, the one that is in sight stays so, unless it was reported. What was taken down comes back by its owner's change, which is reviewed, or by 1 after another report. Your own product is -103.",
		Example:  `{"product_id": 4517733, "pass": 0, "note": "图片与商品不符"}`,
		Statuses: []dispatch.Status{productIDError, nothingToReview, dispatch.ContentRefused, dispatch.StateChanged},
	}
}

func (p productCalls) review(ctx context.Context, in reviewProduct) (wire.None, error) {
	if err := p.Words.Check(words.Text{Key: "note", Value: in.Note}); err != nil {
		return wire.None{}, err
	}
	err := p.DB.InTx(ctx, func(tx *storage.Tx) error {
		product, err := lockProduct(ctx, tx, in.ProductID)
		if err != nil {
			return err
		}
		if product.UserID == dispatch.CallerFrom(ctx).User {
			return dispatch.Fail(dispatch.NoPermission, "product_id: another admin has to decide one's own")
		}
		reports, err := tx.ReviewReports(ctx, in.ProductID)
		withdrawn := product.Type != storage.TypeGoods && product.Status != storage.ProductUp
		if in.Pass == 1 && (errors.Is(err, storage.ErrNotFound) || err == nil && withdrawn) {
			return dispatch.Fail(nothingToReview, "product_id: neither waits nor was reported")
		}
		if err != nil && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		return p.decideAs(ctx, tx, product, reports, decision{pass: in.Pass == 1, byAdmin: true, note: in.Note})
	})
	return wire.None{}, wire.KnownOrDatabase(err)
}

// decideAs is an admin's decision about a product that was reported so often since the last.
func (p productCalls) decideAs(ctx context.Context, tx *storage.Tx, product storage.MarketDetail, reports int64, to decision) error {
	newest := product
	if err := withEdit(ctx, &tx.Queries, &newest); err != nil {
		return err
	}
	waits := waits(newest)
	if to.pass && waits && p.Settings.Review != ReviewOff && p.refusedIn(newest, readContent(newest.Content)) != "" {
		return dispatch.Fail(dispatch.StateChanged, "product_id: its seller has changed it a moment ago")
	}
	if !to.pass && !waits && reports == 0 && product.ReviewState == storage.ReviewRefused && newest.ReviewNote == to.note {
		return nil // another admin was quicker: its seller is told once
	}
	if !to.pass && (!waits || reports > 0) { // what is in sight goes too
		if err := tx.SetReview(ctx, product.ProductID, storage.ReviewRefused, to.note); err != nil {
			return err
		}
	}
	decide := func() error { return p.decide(ctx, tx, newest, to) }
	if to.pass && !waits && product.ReviewState != storage.ReviewRefused { // only what was reported is settled
		decide = func() error { return tx.EndReview(ctx, product.ProductID, true) }
	}
	if err := decide(); err != nil {
		return err
	}
	return tx.AddAudit(ctx, storage.Audit{
		Time: p.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: "product/review",
		Target: fmt.Sprint("product ", product.ProductID),
		Before: fmt.Sprintf("review_state %d, reports %d", newest.ReviewState, reports),
		After:  fmt.Sprintf("pass %t, note %s", to.pass, to.note),
	})
}
