package wire

import (
	"campusgate/dispatch"
	"campusgate/storage"
)

// A PricePolicy is for what a course is sold.
type PricePolicy struct {
	PricePolicyID int64        `json:"price_policy_id"`
	ValidPeriod   int64        `json:"valid_period" doc:"days"`
	ProductPrice  dispatch.Fen `json:"product_price"`
}

// PricePolicies shows those of a product among policies.
func PricePolicies(policies []storage.PricePolicy, productID int64) []PricePolicy {
	shown := []PricePolicy{}
	for _, policy := range policies {
		if policy.ProductID == productID {
			shown = append(shown, PricePolicy{policy.PolicyID, policy.ValidPeriod, dispatch.Fen(policy.Price)})
		}
	}
	return shown
}
