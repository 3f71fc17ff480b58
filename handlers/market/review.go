package market

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strconv"
	"sync"
	"time"

	"github.com/microcosm-cc/bluemonday"

	"campusgate/dispatch"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/jobs"
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
	return tx.AddJob(ctx, storage.Job{Kind: reviewJob, Key: strconv.FormatInt(productID, 10), Due: now})
}

// runReview reviews the version of a product that waits, if there still is one.
func (d Deps) runReview(ctx context.Context, job storage.Job) error {
	id, err := strconv.ParseInt(job.Key, 10, 64)
	if err != nil {
		return fmt.Errorf("review product: %w", err)
	}
	return d.DB.InTx(ctx, func(tx *storage.Tx) error {
		product, err := tx.LockProduct(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		newest := product
		if err := withEdit(ctx, &tx.Queries, &newest); err != nil {
			return err
		}
		if newest.ReviewState != storage.ReviewWaiting || newest.Status != storage.ProductUp {
			return nil
		}
		switch note := d.refusedIn(newest); {
		case d.Settings.Review == ReviewOff:
			return d.decide(ctx, tx, newest, decision{pass: true})
		case note != "":
			return d.decide(ctx, tx, newest, decision{note: note})
		case d.Settings.Review == ReviewManual:
			return nil // for an admin
		default:
			return d.decide(ctx, tx, newest, decision{pass: true})
		}
	})
}

// plainText is the text of HTML.
var plainText = sync.OnceValue(bluemonday.StrictPolicy)

// refusedIn is a note of which field of a product has a refused word, "" where none has.
func (d Deps) refusedIn(product storage.MarketDetail) string {
	err := d.Words.Check(
		words.Text{Key: "product_name", Value: product.Name},
		words.Text{Key: "product_content", Value: html.UnescapeString(plainText().Sanitize(product.Content))})
	if refused, ok := errors.AsType[*dispatch.Error](err); ok {
		return refused.Detail
	}
	return ""
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
	edited := err == nil
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	switch {
	case edited && to.pass:
		if err = tx.DeleteProductEdit(ctx, id); err == nil {
			err = tx.SetVersion(ctx, id, newest.Version(), state, d.Clock.Unix())
		}
	case edited:
		err = tx.SetProductEdit(ctx, id, storage.ProductEdit{ProductVersion: newest.Version(), ReviewState: state, ReviewNote: to.note})
	default:
		err = tx.SetReview(ctx, id, state, to.note)
	}
	if err != nil {
		return err
	}
	if err := tx.EndReview(ctx, id, to.byAdmin); err != nil {
		return err
	}
	return tx.AddNotice(ctx, reviewNotice(newest, to, d.Clock.Now()))
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
