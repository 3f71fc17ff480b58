package wire

import (
	"context"

	"campusgate/dispatch"
	"campusgate/storage"
)

// SeesProduct reports whether a product exists for the caller: one that is not passed or is
// withdrawn exists for its seller, its buyers and admins only.
func SeesProduct(ctx context.Context, q *storage.Queries, product storage.MarketProduct) (bool, error) {
	caller := dispatch.CallerFrom(ctx)
	switch {
	case product.InSight():
		return true, nil
	case caller.User == "":
		return false, nil
	case caller.User == product.UserID, caller.Role == storage.RoleAdmin:
		return true, nil
	}
	bought, err := q.HasBought(ctx, caller.User, product.ProductID)
	if err == nil && !bought {
		bought, err = q.HasOrdered(ctx, caller.User, product.ProductID)
	}
	return bought, err
}
