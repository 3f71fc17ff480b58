package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// A ProductReview is a product that an admin may decide.
type ProductReview struct {
	MarketProduct

	Since       int64  // Unix seconds
	Reports     int64  // since the last decision; 0: it waits for its review only
	Reason      string // of the last report
	NewestState int64  // of the newest version
	NewestNote  string
}

// fields are marketColumns and reviewColumns.
func (r *ProductReview) fields() []any {
	return append(r.MarketProduct.fields(), &r.Since, &r.Reports, &r.Reason, &r.NewestState, &r.NewestNote)
}

const reviewColumns = ", r.since, r.reports, r.reason, COALESCE(e.review_state, p.review_state) AS newest_state, " +
	"COALESCE(e.review_note, p.review_note) AS newest_note"

// ProductReviews lists the products that an admin may decide, the longest waiting first: those
// on sale, and goods that wait to be on sale again. total counts all of them, whatever the page.
func (q *Queries) ProductReviews(ctx context.Context, page Page) (list []ProductReview, total int64, err error) {
	reviews := engine.NewPagedList(marketColumns+reviewColumns, "product_reviews r"+q.sql.JoinInOrder()+"products p ON p.product_id = r.product_id"+
		joinEdits+q.withSellers()+" WHERE (p.product_status = 1 OR p.product_type = 0 AND p.review_state = 1)", "r.since, r.product_id")
	return engine.CollectPage(ctx, q.sql, "product reviews", reviews, nil, page, (*ProductReview).fields)
}

// ReviewReports are the reports of a product that an admin may decide; [ErrNotFound]: it
// neither waits nor was reported.
func (q *Queries) ReviewReports(ctx context.Context, productID int64) (reports int64, err error) {
	err = q.sql.Get(ctx, "reports of a review", engine.SQL(
		`SELECT reports FROM product_reviews WHERE product_id = ?`, productID), &reports)
	return reports, err
}

// ReviewSince is when a product that an admin may decide began to wait, or was first
// reported, in Unix seconds; [ErrNotFound] as of [Queries.ReviewReports].
func (q *Queries) ReviewSince(ctx context.Context, productID int64) (since int64, err error) {
	err = q.sql.Get(ctx, "time of a review", engine.SQL(
		`SELECT since FROM product_reviews WHERE product_id = ?`, productID), &since)
	return since, err
}

// AskReview puts a product, whose row is locked, among those that an admin may decide. A
// reason is that of one more report; nil is none.
func (tx *Tx) AskReview(ctx context.Context, productID, now int64, reason *string) error {
	const operation = "ask for a review"
	reports := 0
	if reason != nil {
		reports = 1
	}
	err := tx.sql.Change(ctx, operation, engine.SQL(
		`UPDATE product_reviews SET reports = reports + ?, reason = COALESCE(?, reason) WHERE product_id = ?`, reports, reason, productID))
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return tx.sql.Exec(ctx, operation, engine.SQL(
		`INSERT INTO product_reviews (product_id, since, reports, reason) VALUES (?, ?, ?, COALESCE(?, ''))`, productID, now, reports, reason))
}

// EndReview takes a product, whose row is locked, from those that an admin may decide; what
// was reported only where reported says so. One that is not among them is no error.
func (tx *Tx) EndReview(ctx context.Context, productID int64, reported bool) error {
	return tx.sql.Exec(ctx, "end review", engine.SQL(
		`DELETE FROM product_reviews WHERE product_id = ? AND (reports = 0 OR ?)`, productID, reported))
}
