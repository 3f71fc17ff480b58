package storage

import (
	"context"
	"slices"

	"campusgate/storage/engine"
)

// A PricePolicy is for what a course is sold, and for how long.
type PricePolicy struct {
	PolicyID    int64
	ProductID   int64
	ValidPeriod int64 // days
	Price       int64 // fen
	Default     bool  // shown first
}

// fields are the columns of PricePolicies.
func (p *PricePolicy) fields() []any {
	return []any{&p.PolicyID, &p.ProductID, &p.ValidPeriod, &p.Price, &p.Default}
}

// PricePolicies are those of some products, by product and period; of products that are no
// courses there are none.
func (q *Queries) PricePolicies(ctx context.Context, products []int64) ([]PricePolicy, error) {
	if len(products) == 0 {
		return nil, nil
	}
	filter := q.sql.Filter()
	filter.In("product_id", products)
	return engine.Collect(ctx, q.sql, "price policies", engine.SQL(
		"SELECT price_policy_id, product_id, valid_period, product_price, is_default FROM price_policies").
		Where(filter).Then(" ORDER BY product_id, valid_period").Indexed(), (*PricePolicy).fields)
}

// SetPricePolicies makes policies, whose ids and products are ignored, all those of a
// product, which is locked. One whose period the product had keeps its id. Each period is
// there once. What lists show of the course's price follows.
func (tx *Tx) SetPricePolicies(ctx context.Context, productID int64, policies []PricePolicy) error {
	const operation = "set price policies"
	before, err := tx.PricePolicies(ctx, []int64{productID})
	if err != nil {
		return err
	}
	for _, old := range before {
		if slices.ContainsFunc(policies, func(p PricePolicy) bool { return p.ValidPeriod == old.ValidPeriod }) {
			continue
		}
		if err := tx.sql.Exec(ctx, operation, engine.SQL(`DELETE FROM price_policies WHERE price_policy_id = ?`, old.PolicyID)); err != nil {
			return err
		}
	}
	for _, p := range policies {
		set := engine.SQL(`UPDATE price_policies SET product_price = ?, is_default = ? WHERE product_id = ? AND valid_period = ?`,
			p.Price, p.Default, productID, p.ValidPeriod)
		if !slices.ContainsFunc(before, func(old PricePolicy) bool { return old.ValidPeriod == p.ValidPeriod }) {
			set = engine.SQL(`INSERT INTO price_policies (product_price, is_default, product_id, valid_period) VALUES (?, ?, ?, ?)`,
				p.Price, p.Default, productID, p.ValidPeriod)
		}
		if err := tx.sql.Exec(ctx, operation, set); err != nil {
			return err
		}
	}
	return tx.setCoursePrices(ctx, productID, policies)
}
