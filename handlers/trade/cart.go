package trade

import (
	"context"
	"errors"

	"campusgate/dispatch"
	"campusgate/handlers/trade/price"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// cartCalls are those of the cart: what a user may want to buy.
type cartCalls struct{ Deps }

// maxCartLines is how many lines a cart may have.
const maxCartLines = 100

type addToCart struct {
	ProductID     int64         `json:"product_id" rule:"required range=any" doc:"a product on sale"`
	ProductNum    *int64        `json:"product_num" doc:"1 if absent; with the pieces that the line has 1 to 999, of a course 1"`
	PricePolicyID int64         `json:"price_policy_id" rule:"range=any" doc:"of a course, which needs it"`
	FirstPrice    *dispatch.Fen `json:"first_price" rule:"clearable range=0.01..999999.99" doc:"a piece, to pay at once, the rest being debt: from the product's first_price to what a piece costs"`
}

type addedToCart struct {
	CartID int64 `json:"cart_id" doc:"of the line, which may have been there before"`
}

func (addToCart) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A cart has one line of a product, and of a course one for each price policy: where it is there already, the pieces are added to it. At most 100 lines. Stock is not held: `line_state` of `cart/list` tells.",
		Example:  `{"product_id": 6000002}`,
		Statuses: []dispatch.Status{cartNotOnSale, cartFull, cartNumberError, cartPolicyError, cartFirstPriceError},
	}
}

func (c cartCalls) add(ctx context.Context, in addToCart) (addedToCart, error) {
	pieces := int64(1)
	if in.ProductNum != nil {
		pieces = *in.ProductNum
	}
	var line storage.CartLine
	err := c.change(ctx, func(tx *storage.Tx, user string) (err error) {
		line, err = tx.CartLineOf(ctx, user, in.ProductID, in.PricePolicyID)
		isNew := errors.Is(err, storage.ErrNotFound)
		switch {
		case isNew:
			line = storage.CartLine{UserID: user, ProductID: in.ProductID, PolicyID: in.PricePolicyID}
		case err != nil:
			return err
		}
		if line.Pieces, err = sumOfPieces(line.Pieces, pieces); err != nil {
			return err
		}
		setFirstPrice(&line, in.FirstPrice)
		piece, err := wantBuyable(ctx, tx, line)
		if err != nil {
			return err
		}
		line.AddedPrice = piece
		if !isNew {
			return tx.UpdateCartLine(ctx, line)
		}
		lines, _, err := tx.CartCount(ctx, user)
		if err == nil && lines >= maxCartLines {
			err = dispatch.Fail(cartFull, "")
		}
		if err != nil {
			return err
		}
		line.CartID, err = tx.InsertCartLine(ctx, line)
		return err
	})
	return addedToCart{line.CartID}, err
}

// change runs a change of the caller's cart, which no other changes meanwhile.
func (c cartCalls) change(ctx context.Context, change func(tx *storage.Tx, user string) error) error {
	user := dispatch.CallerFrom(ctx).User
	err := c.DB.InTx(ctx, func(tx *storage.Tx) error {
		if err := tx.LockUser(ctx, user); err != nil {
			return err
		}
		return change(tx, user)
	})
	return wire.KnownOrDatabase(err)
}

// sumOfPieces are the pieces of a line that gets more. Only a course's number needs its
// product: see wantBuyable.
func sumOfPieces(had, more int64) (int64, error) {
	if more < 1 || more > price.MaxPieces-had {
		return 0, dispatch.Fail(cartNumberError, "product_num: a line has 1 to 999 pieces")
	}
	return had + more, nil
}

// setFirstPrice sets what of a piece is to be paid at once, nil being no change and 0 all.
func setFirstPrice(line *storage.CartLine, first *dispatch.Fen) {
	if first == nil {
		return
	}
	line.FirstPrice = (*int64)(first)
	if *first == 0 {
		line.FirstPrice = nil
	}
}

// wantBuyable returns what a piece of a line costs, in fen, and fails where the line is
// none that anybody could buy now, as far as there is stock.
func wantBuyable(ctx context.Context, tx *storage.Tx, line storage.CartLine) (piece int64, err error) {
	offers, err := offersOf(ctx, &tx.Queries, []wishedItem{{ProductID: line.ProductID, PricePolicyID: line.PolicyID}})
	if err != nil {
		return 0, err
	}
	o := &offers[0]
	course := o.product.Type == storage.TypeCourse
	switch {
	case !o.product.OnSale():
		return 0, dispatch.Fail(cartNotOnSale, "product_id: no such product, or not on sale")
	case course && line.Pieces > 1:
		return 0, dispatch.Fail(cartNumberError, "product_num: must be 1 of a course")
	case course && o.policy.PolicyID == 0:
		return 0, dispatch.Fail(cartPolicyError, "price_policy_id: must be one of the course's price_policies")
	case !course && line.PolicyID != 0:
		return 0, dispatch.Fail(cartPolicyError, "price_policy_id: must be absent for what is no course")
	}
	piece = o.piece()
	if first, least := line.FirstPrice, o.product.FirstPrice; first != nil && (least == nil || *first < *least || *first > piece) {
		return 0, dispatch.Fail(cartFirstPriceError, "first_price: must be from the product's first_price to what a piece costs")
	}
	return piece, nil
}

type updateCart struct {
	CartID        int64         `json:"cart_id" rule:"required range=any" doc:"a line of your cart"`
	ProductNum    *int64        `json:"product_num" doc:"0: the line is deleted; unchanged if absent, as the others"`
	PricePolicyID *int64        `json:"price_policy_id" rule:"filled range=any" doc:"of the same course"`
	FirstPrice    *dispatch.Fen `json:"first_price" rule:"clearable range=0.01..999999.99" doc:"empty: all of the price is to be paid at once"`
}

func (updateCart) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example:  `{"cart_id": 1, "product_num": 2}`,
		Statuses: []dispatch.Status{cartNotOnSale, cartNoLine, cartNumberError, cartPolicyError, cartFirstPriceError},
	}
}

func (c cartCalls) update(ctx context.Context, in updateCart) (wire.None, error) {
	err := c.change(ctx, func(tx *storage.Tx, user string) error {
		found, err := tx.CartLines(ctx, user, []int64{in.CartID})
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return noCartLine("cart_id")
		case in.ProductNum != nil && *in.ProductNum == 0:
			return tx.DeleteCartLines(ctx, user, []int64{in.CartID})
		}
		line := found[0]
		if in.ProductNum != nil {
			if line.Pieces, err = sumOfPieces(0, *in.ProductNum); err != nil {
				return err
			}
		}
		setFirstPrice(&line, in.FirstPrice)
		moved := in.PricePolicyID != nil && *in.PricePolicyID != line.PolicyID
		if moved {
			line.PolicyID = *in.PricePolicyID
		}
		piece, err := wantBuyable(ctx, tx, line)
		if err != nil {
			return err
		}
		if moved {
			line.AddedPrice = piece
		}
		err = tx.UpdateCartLine(ctx, line)
		if errors.Is(err, storage.ErrConflict) {
			err = dispatch.Fail(cartPolicyError, "price_policy_id: another line has it")
		}
		return err
	})
	return wire.None{}, err
}

func noCartLine(key string) error {
	return dispatch.Fail(cartNoLine, key+": no such line, or another user's")
}

type deleteFromCart struct {
	CartIDs []int64 `json:"cart_ids" rule:"required items=1..100 range=any" doc:"lines of your cart: all of them are deleted, or none"`
}

func (deleteFromCart) Reference() dispatch.Reference {
	return dispatch.Reference{Example: `{"cart_ids": [1]}`, Statuses: []dispatch.Status{cartNoLine}}
}

func (c cartCalls) delete(ctx context.Context, in deleteFromCart) (wire.None, error) {
	err := c.change(ctx, func(tx *storage.Tx, user string) error {
		err := tx.DeleteCartLines(ctx, user, unique(in.CartIDs))
		if errors.Is(err, storage.ErrNotFound) {
			err = noCartLine("cart_ids")
		}
		return err
	})
	return wire.None{}, err
}

type countCart struct{}

type cartCount struct {
	Lines  int64 `json:"lines"`
	Pieces int64 `json:"pieces"`
}

func (countCart) Reference() dispatch.Reference { return dispatch.Reference{Example: `{}`} }

func (c cartCalls) count(ctx context.Context, _ countCart) (cartCount, error) {
	lines, pieces, err := c.DB.CartCount(ctx, dispatch.CallerFrom(ctx).User)
	if err != nil {
		return cartCount{}, wire.DatabaseFailure(err)
	}
	return cartCount{lines, pieces}, nil
}
