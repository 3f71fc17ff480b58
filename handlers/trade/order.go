package trade

import (
	"context"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
)

// orderCalls are those of the market's orders.
type orderCalls struct{ Deps }

type prepareOrder struct{ wish }

func (prepareOrder) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Nothing is stored. The price is made so: a line costs its price × `product_num`. A line with a `first_price` leaves the rest as debt, and takes part in nothing that follows. " +
			"Then come the record of each line, one of each shop on what is left of that shop's lines, one of the market on what is left of all, and the beli; each is spread over its lines in proportion to what is left of them. " +
			"Shipping is added to what goes by express, and nothing lowers it. `usable` are the records that would take something off. `deliver` and `address_id` may be left open here. `detail` names the line.",
		Example: `{"items": [{"product_id": 6000002, "product_num": 1}], "use_beli": true, "deliver": "face"}`,
		Statuses: []dispatch.Status{
			orderNotOnSale, stockNotEnough, orderOwnProduct, orderNoAddress, orderPolicyError, orderAlreadyOwned, orderCouponError, orderBelowMinimum,
			creditNotEnough, orderNoCartLine, orderNoDelivery, orderFirstPriceError, debtOverdue,
		},
	}
}

func (o orderCalls) prepare(ctx context.Context, in prepareOrder) (orderQuote, error) {
	b, err := o.basket(ctx, &o.DB.Queries, dispatch.CallerFrom(ctx).User, in.wish, nil)
	if err != nil {
		return orderQuote{}, wire.KnownOrDatabase(err)
	}
	quote, err := b.quote()
	if err != nil {
		return orderQuote{}, wire.KnownOrDatabase(err)
	}
	return b.answer(quote), nil
}
