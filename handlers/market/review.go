package market

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"campusgate/storage"
	"campusgate/storage/jobs"
	"campusgate/storage/pictures"
)

// A Review is who decides what users sell: market.review.
type Review string

// The ways of a review.
const (
	ReviewAuto   Review = "auto"   // by words alone
	ReviewManual Review = "manual" // what the words have passed waits for an admin
	ReviewOff    Review = "off"    // nobody
)

// begin is the state in which a new version begins.
func (r Review) begin() int64 {
	if r == ReviewOff {
		return storage.ReviewNone
	}
	return storage.ReviewWaiting
}

// reviewJob is the kind of the jobs that review products; their key is the product's id.
const reviewJob = "product/review"

// Jobs are what the market has done by a clock.
func Jobs(d Deps) []jobs.Kind {
	return []jobs.Kind{{Name: reviewJob, Run: d.runReview}}
}

// askReview has a product's newest version reviewed, in the transaction that writes it.
func (d Deps) askReview(ctx context.Context, tx *storage.Tx, productID, now int64) error {
	if d.Settings.Review == ReviewOff {
		return nil
	}
	if err := tx.AskReview(ctx, productID, now, nil); err != nil {
		return err
	}
	key := strconv.FormatInt(productID, 10)
	if err := tx.AddJob(ctx, storage.Job{Kind: reviewJob, Key: key, Due: now}); err != nil {
		return err
	}
	return tx.HastenJob(ctx, reviewJob, key, now) // that of the version before may wait for another try
}

// runReview reviews the version of a product that waits, if there still is one.
func (d Deps) runReview(ctx context.Context, job storage.Job) error {
	id, err := strconv.ParseInt(job.Key, 10, 64)
	if err != nil {
		return fmt.Errorf("review product: %w", err)
	}
	product, err := d.DB.MarketDetail(ctx, id)
	if err == nil {
		err = withEdit(ctx, &d.DB.Queries, &product)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound), err == nil && !waits(product):
		return nil
	case err != nil:
		return err
	}
	found := finding{verdict: pictures.Normal}
	if d.Settings.Review != ReviewOff {
		if found, err = d.check(ctx, product); err != nil {
			found, err = d.unanswered(ctx, job, err)
		}
		if err != nil {
			return err
		}
	}
	return d.DB.InTx(ctx, func(tx *storage.Tx) error {
		newest, err := tx.LockProduct(ctx, id)
		if err == nil {
			err = withEdit(ctx, &tx.Queries, &newest)
		}
		// Whoever has changed it meanwhile has asked for another review.
		if err != nil || !waits(newest) || !same(newest, product) {
			return err
		}
		return d.conclude(ctx, tx, newest, found)
	})
}

// renewGoods has goods that an admin has taken down reviewed again when their owner puts them
// on sale: they stay off sale until they have passed, also in the document's calls.
func (d Deps) renewGoods(ctx context.Context, tx *storage.Tx, id, state int64, change *storage.ProductChange) error {
	if state != storage.ReviewWaiting && state != storage.ReviewRefused {
		return nil
	}
	if change.Status != storage.ProductUp {
		if state == storage.ReviewRefused {
			return nil
		}
		if err := tx.SetReview(ctx, id, storage.ReviewRefused, ""); err != nil {
			return err
		}
		return tx.EndReview(ctx, id, false)
	}
	next := d.Settings.Review.begin()
	if next == storage.ReviewWaiting {
		change.Status = storage.ProductDown
	}
	if err := tx.SetReview(ctx, id, next, ""); err != nil {
		return err
	}
	return d.askReview(ctx, tx, id, change.UpdateTime)
}

// waits reports whether the newest version of a product waits for its review.
func waits(newest storage.MarketDetail) bool {
	return newest.ReviewState == storage.ReviewWaiting && (newest.Status == storage.ProductUp || newest.Type == storage.TypeGoods)
}

// same reports whether two looks at a product saw the same version.
func same(one, other storage.MarketDetail) bool {
	return one.Key == other.Key && one.PicURL == other.PicURL && reflect.DeepEqual(one.Version(), other.Version())
}

// conclude does what follows from what was found of a version that waits.
func (d Deps) conclude(ctx context.Context, tx *storage.Tx, newest storage.MarketDetail, found finding) error {
	switch {
	case found.verdict == pictures.Forbidden:
		return d.decide(ctx, tx, newest, decision{note: found.note})
	case found.verdict == pictures.Normal && d.Settings.Review != ReviewManual:
		return d.decide(ctx, tx, newest, decision{pass: true})
	default: // for an admin
		return setReview(ctx, tx, newest, storage.ReviewWaiting, found.note)
	}
}

// After so many tries, whose pauses grow, pictures are asked about every hour, until they
// were not answered for so long.
const (
	growingTries = 10
	answerWithin = 24 * time.Hour
)

// unanswered is what comes of a check that failed: another try, and at last an admin. Until
// then admins may decide all the same.
func (d Deps) unanswered(ctx context.Context, job storage.Job, failure error) (finding, error) {
	if job.Tries < growingTries {
		return finding{}, failure
	}
	id, _ := strconv.ParseInt(job.Key, 10, 64) // was one
	since, err := d.DB.ReviewSince(ctx, id)
	if err != nil { // perhaps an admin was quicker: the next try will see
		return finding{}, err
	}
	d.Logger.WarnContext(ctx, "pictures of a product are not checked", "product", id, "since", time.Unix(since, 0).UTC(), "error", failure)
	if now := d.Clock.Now(); now.Before(time.Unix(since, 0).Add(answerWithin)) {
		return finding{}, jobs.Later(now.Add(time.Hour))
	}
	return finding{pictures.Suspected, "pics: could not be checked within 24 hours"}, nil
}

// A decision about a product: byAdmin ones answer what was reported too.
type decision struct {
	pass, byAdmin bool
	note          string
}

// decide ends the review of the version of a product that its seller sees, which is the
// product's own where none is newer, and tells the seller.
func (d Deps) decide(ctx context.Context, tx *storage.Tx, newest storage.MarketDetail, to decision) error {
	state, id := int64(storage.ReviewPassed), newest.ProductID
	if !to.pass {
		state = storage.ReviewRefused
	}
	_, err := tx.ProductEdit(ctx, id)
	switch {
	case err == nil && to.pass: // it takes the place of the one in sight
		if err = tx.DeleteProductEdit(ctx, id); err == nil {
			err = tx.SetVersion(ctx, id, newest.Version(), state, d.Clock.Unix())
		}
	case err == nil, errors.Is(err, storage.ErrNotFound):
		err = setReview(ctx, tx, newest, state, to.note)
	}
	if err != nil {
		return err
	}
	if newest.Type == storage.TypeGoods {
		if err := d.putGoods(ctx, tx, newest, to.pass); err != nil {
			return err
		}
	}
	if err := tx.EndReview(ctx, id, to.byAdmin); err != nil {
		return err
	}
	return tx.AddNotice(ctx, reviewNotice(newest, to, d.Clock.Now()))
}

// putGoods puts goods on sale, or takes them off: the document's calls know no reviews. Deleted
// ones stay so.
func (d Deps) putGoods(ctx context.Context, tx *storage.Tx, goods storage.MarketDetail, onSale bool) error {
	switch {
	case onSale && goods.Status == storage.ProductDown:
		return tx.PutOnSale(ctx, goods.ProductID, d.Clock.Unix())
	case !onSale && goods.Status == storage.ProductUp:
		return tx.WithdrawProduct(ctx, goods.ProductID, d.Clock.Unix())
	default:
		return nil
	}
}

// setReview writes how far the review of a version is.
func setReview(ctx context.Context, tx *storage.Tx, newest storage.MarketDetail, state int64, note string) error {
	_, err := tx.ProductEdit(ctx, newest.ProductID)
	if errors.Is(err, storage.ErrNotFound) {
		return tx.SetReview(ctx, newest.ProductID, state, note)
	}
	if err != nil {
		return err
	}
	return tx.SetProductEdit(ctx, newest.ProductID, storage.ProductEdit{ProductVersion: newest.Version(), ReviewState: state, ReviewNote: note})
}

// reviewNotice tells a seller how a review has ended.
func reviewNotice(product storage.MarketDetail, to decision, now time.Time) storage.Notice {
	title, content := "商品已通过审核", "您发布的商品“"+product.Name+"”已通过审核。"
	if !to.pass {
		title, content = "商品未通过审核", "您发布的商品“"+product.Name+"”未通过审核，修改后会重新审核。"
	}
	if to.note != "" {
		content += "说明：" + to.note
	}
	return storage.Notice{
		UserID: product.UserID, Key: fmt.Sprintf("review %d %d", product.ProductID, now.UnixNano()), Kind: "review",
		Title: title, Content: content, ProductID: product.ProductID, CreatTime: now.Unix(),
	}
}
