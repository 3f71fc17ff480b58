package market

import (
	"context"
	"errors"
	"regexp"
	"strconv"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

type shopRow struct {
	ShopID      int64  `json:"shop_id"`
	ShopName    string `json:"shop_name"`
	ShopContent string `json:"shop_content"`
	UserID      int64  `json:"user_id" doc:"the owner"`
	UserName    string `json:"user_name"`
	CreatTime   string `json:"creat_time"`
	PicURL      string `json:"pic_url"`
}

func (s shopCalls) row(shop storage.Shop) shopRow {
	return shopRow{
		ShopID: shop.ShopID, ShopName: shop.ShopName, ShopContent: shop.ShopContent,
		UserID: wire.UserNumber(shop.UserID), UserName: shop.UserName,
		CreatTime: s.Clock.Text(shop.CreatTime), PicURL: shop.PicURL,
	}
}

type createShop struct {
	ShopName    string `json:"shop_name" rule:"required max=100" doc:"unique; cannot be changed"`
	ShopContent string `json:"shop_content" rule:"max=10000"`
}

type createdShop struct {
	ShopID int64 `json:"shop_id" doc:"9 digits"`
}

func (createShop) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The shop belongs to the token's user; `user_id` is ignored. `shop/create` is the same call. With `market.review_goods` refused words are -305.",
		Example:  `{"shop_name": "码三秃的店铺", "user_id": 1180310086}`,
		Statuses: []dispatch.Status{shopNameUsed, shopsCapped, dispatch.ContentRefused},
	}
}

func (s shopCalls) create(ctx context.Context, in createShop) (createdShop, error) {
	err := s.DocumentWords.Check(words.Text{Key: "shop_name", Value: in.ShopName}, words.Text{Key: "shop_content", Value: in.ShopContent})
	if err != nil {
		return createdShop{}, err
	}
	shop := storage.Shop{
		ShopName: in.ShopName, ShopContent: in.ShopContent,
		UserID: dispatch.CallerFrom(ctx).User, CreatTime: s.Clock.Unix(),
	}
	err = wire.WithFreshID(func() error {
		shop.ShopID = wire.RandomID(9)
		return s.insert(ctx, shop)
	})
	return createdShop{ShopID: shop.ShopID}, err
}

// insert adds a shop within its owner's limit. ErrConflict is a name that came
// first a moment ago, or an id that is taken: the next attempt tells which.
func (s shopCalls) insert(ctx context.Context, shop storage.Shop) error {
	return s.DB.InTx(ctx, func(tx *storage.Tx) error {
		if err := tx.LockUser(ctx, shop.UserID); err != nil {
			return err
		}
		taken, err := tx.ShopNameTaken(ctx, shop.ShopName)
		if err != nil {
			return err
		}
		if taken {
			return dispatch.Fail(shopNameUsed, "shop_name: already taken")
		}
		shops, err := tx.ShopCount(ctx, shop.UserID)
		if err != nil {
			return err
		}
		if shops >= s.Settings.ShopsPerUser {
			return dispatch.Fail(shopsCapped, "")
		}
		return tx.InsertShop(ctx, shop)
	})
}

type updateShop struct {
	ShopID      int64   `json:"shop_id" rule:"required range=any" doc:"your own shop"`
	ShopContent string  `json:"shop_content" rule:"present max=10000"`
	PicURL      *string `json:"pic_url" rule:"max=1024" doc:"unchanged if absent"`
}

func (updateShop) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "With `market.review_goods` refused words are -305.",
		Example:  `{"shop_id": "811729970", "shop_content": "这是码三秃家的店铺"}`,
		Statuses: []dispatch.Status{noRightToUpdate, dispatch.ContentRefused},
	}
}

func (s shopCalls) update(ctx context.Context, in updateShop) (wire.None, error) {
	if err := s.DocumentWords.Check(words.Text{Key: "shop_content", Value: in.ShopContent}); err != nil {
		return wire.None{}, err
	}
	err := s.DB.UpdateShop(ctx, in.ShopID, dispatch.CallerFrom(ctx).User, in.ShopContent, in.PicURL)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return wire.None{}, dispatch.Fail(noRightToUpdate, "shop_id: no such shop, or another user's")
	case err != nil:
		return wire.None{}, wire.DatabaseFailure(err)
	}
	return wire.None{}, nil
}

type listShops struct {
	Mode     int64  `json:"mode" rule:"oneof=0|1" doc:"1: your own shops"`
	ShopName string `json:"shop_name" rule:"unless=mode>=1 max=100" doc:"part of the name; all if empty or absent"`
	Sort     string `json:"order" rule:"unless=mode>=1" doc:"fields of the row, each with ASC or DESC, separated by commas, AND or OR; if empty, in the order of adding"`
	Page     *int64 `json:"page" rule:"range=1..1000000000000" doc:"all rows if neither page nor count is given"`
	Count    *int64 `json:"count" rule:"range=1..500" doc:"rows of a page; 20 if only page is given"`
}

func (listShops) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "If nothing matches, the status is 1 and `data` is `[]`. Partial matches ignore the case of A–Z.",
		Example:  `{"shop_name": "小", "order": "shop_id DESC"}`,
		Statuses: []dispatch.Status{emptyRecords},
	}
}

func (s shopCalls) list(ctx context.Context, in listShops) ([]shopRow, error) {
	filter := storage.ShopFilter{Name: in.ShopName}
	if in.Mode == 1 {
		filter.UserID = dispatch.CallerFrom(ctx).User
	}
	sort, err := wire.ParseSort(in.Sort, s.sortable)
	if err != nil {
		return nil, err
	}
	shops, err := s.DB.Shops(ctx, filter, sort, wire.Page(in.Page, in.Count))
	if err != nil {
		return nil, wire.DatabaseFailure(err)
	}
	if len(shops) == 0 {
		return nil, dispatch.Fail(emptyRecords, "").With([]wire.None{})
	}
	rows := make([]shopRow, len(shops))
	for i, shop := range shops {
		rows[i] = s.row(shop)
	}
	return rows, nil
}

type shopInfo struct {
	ShopID   *string `json:"shop_id" rule:"filled number=whole" doc:"takes precedence over shop_name; text that is not a number is looked up as a name, text that ends in /NUMBER as that number"`
	ShopName *string `json:"shop_name" rule:"filled" doc:"the whole name"`
}

func (shopInfo) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "One of the two is required.",
		Example:  `{"shop_id": "小码三秃"}`,
		Statuses: []dispatch.Status{dispatch.ErrorDataKey, emptyRecords},
	}
}

func (s shopCalls) info(ctx context.Context, in shopInfo) (shopRow, error) {
	if in.ShopID == nil && in.ShopName == nil {
		return shopRow{}, dispatch.Fail(dispatch.ErrorDataKey, "shop_id or shop_name: missing")
	}
	shop, err := s.find(ctx, in)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return shopRow{}, dispatch.Fail(emptyRecords, "")
	case err != nil:
		return shopRow{}, wire.DatabaseFailure(err)
	}
	return s.row(shop), nil
}

// trailingNumber is a number, or what the newest page sends: shop/811729970.
var trailingNumber = regexp.MustCompile(`(?:^|/)(-?[0-9]+)$`)

func (s shopCalls) find(ctx context.Context, in shopInfo) (storage.Shop, error) {
	if in.ShopID == nil {
		return s.DB.ShopByName(ctx, *in.ShopName)
	}
	number := trailingNumber.FindStringSubmatch(*in.ShopID)
	if number == nil {
		return s.DB.ShopByName(ctx, *in.ShopID)
	}
	id, err := strconv.ParseInt(number[1], 10, 64)
	if err != nil {
		return storage.Shop{}, storage.ErrNotFound // beyond every id
	}
	return s.DB.ShopByID(ctx, id)
}
