package storage

import (
	"context"

	"campusgate/storage/engine"
)

// A ProductReport is what a user says against a product.
type ProductReport struct {
	UserID    string
	ProductID int64
	Reason    string
	Time      int64 // Unix seconds
}

// AddProductReport keeps a user's report of a product. [ErrConflict]: the user has reported it
// before.
func (tx *Tx) AddProductReport(ctx context.Context, r ProductReport) error {
	return tx.sql.Exec(ctx, "add product report", engine.SQL(
		`INSERT INTO product_reports (user_id, product_id, reason, report_time) VALUES (?, ?, ?, ?)`, r.UserID, r.ProductID, r.Reason, r.Time))
}

// ProductReportsAfter are the next reports by a user behind a product, and the product of the
// last of them.
func (q *Queries) ProductReportsAfter(ctx context.Context, userID string, after int64) (list []ProductReport, last int64, err error) {
	list, err = engine.Collect(ctx, q.sql, "product reports after", engine.SQL(`
		SELECT user_id, product_id, reason, report_time FROM product_reports
		WHERE user_id = ? AND product_id > ? ORDER BY product_id LIMIT ?`, userID, after, batchRows),
		func(r *ProductReport) []any { return []any{&r.UserID, &r.ProductID, &r.Reason, &r.Time} })
	if len(list) > 0 {
		last = list[len(list)-1].ProductID
	}
	return list, last, err
}

// EraseProductReports removes all reports by a user; what they have led to stays.
func (tx *Tx) EraseProductReports(ctx context.Context, userID string) error {
	return tx.sql.Exec(ctx, "erase product reports", engine.SQL(`DELETE FROM product_reports WHERE user_id = ?`, userID))
}
