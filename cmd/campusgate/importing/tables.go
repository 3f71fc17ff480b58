package importing

import (
	"context"
	"strconv"

	"campusgate/storage"
	"campusgate/storage/olddatabase"
)

func (r *run) takeUsers(ctx context.Context) error {
	return take(ctx, r, taking[storage.User]{
		table: olddatabase.Users, ours: r.users, read: user, add: r.addUsers,
		origin: func(u storage.User) (string, storage.Origin) { return u.ID, storage.Origin{} },
	})
}

// addUsers adds accounts, whose wallets the ledger has from now on.
func (r *run) addUsers(ctx context.Context, users []storage.User) error {
	now, err := r.To.Now(ctx)
	if err != nil {
		return err
	}
	for i := range users {
		users[i].OpenTime = now
	}
	return r.To.AddUsers(ctx, users)
}

func (r *run) takeTokens(ctx context.Context) error {
	return take(ctx, r, taking[storage.Token]{
		table: olddatabase.Tokens, ours: r.tokens, read: token, add: r.To.AddTokens,
		origin: func(t storage.Token) (string, storage.Origin) { return t.Token, storage.Origin{Owner: t.UserID} },
		refuse: func(t storage.Token) string {
			if _, there := r.users[t.UserID]; !there {
				return "user_id: there is no such user"
			}
			return ""
		},
	})
}

func (r *run) takeProperties(ctx context.Context) error {
	return take(ctx, r, taking[storage.Property]{
		table: olddatabase.Property, ours: r.properties, read: property, add: r.To.AddProperties,
		origin: func(p storage.Property) (string, storage.Origin) {
			return number(p.ID), storage.Origin{Owner: p.UserID, Added: p.PublishTime}
		},
	})
}

func (r *run) takeShops(ctx context.Context) error {
	names := map[string]string{} // ids by names
	for id, origin := range r.shops {
		names[origin.Name] = id
	}
	return take(ctx, r, taking[storage.Shop]{
		table: olddatabase.Shop, ours: r.shops, read: shop, add: r.To.AddShops,
		origin: func(s storage.Shop) (string, storage.Origin) {
			return number(s.ShopID), storage.Origin{Owner: s.UserID, Added: s.CreatTime, Name: s.ShopName}
		},
		refuse: func(s storage.Shop) string {
			if id, taken := names[s.ShopName]; taken {
				return "shop_name: shop " + id + " has this name"
			}
			names[s.ShopName] = number(s.ShopID)
			return ""
		},
	})
}

func (r *run) takeProducts(ctx context.Context) error {
	return take(ctx, r, taking[storage.Product]{
		table: olddatabase.Product, ours: r.products, add: r.To.AddProducts,
		read: func(f *fields) storage.Product {
			p := product(f, r.Clean)
			if _, there := r.shops[number(p.ShopID)]; !there {
				f.remark("shop_id", "shop %d is not there, so nobody can change the product", p.ShopID)
			}
			return p
		},
		origin: func(p storage.Product) (string, storage.Origin) {
			return number(p.ProductID), storage.Origin{Owner: number(p.ShopID), Added: p.CreatTime}
		},
	})
}

// takePurchases takes over the orders, each with its row of purchase_info.
func (r *run) takePurchases(ctx context.Context) error {
	infos, err := r.readInfos(ctx)
	if err != nil {
		return err
	}
	err = take(ctx, r, taking[storage.Purchase]{
		table: olddatabase.Purchase, ours: r.purchases, add: r.To.AddPurchases,
		read: func(f *fields) storage.Purchase { return purchase(f, infos.of(f)) },
		origin: func(p storage.Purchase) (string, storage.Origin) {
			return p.PurchaseID, storage.Origin{Owner: p.UserID, Added: p.CreatTime}
		},
		refuse: func(p storage.Purchase) string {
			if _, there := r.products[number(p.ProductID)]; !there {
				return "product_id: product " + number(p.ProductID) + " is not there"
			}
			return ""
		},
	})
	if err != nil {
		return err
	}
	return r.reportUnused(infos)
}

// infos are the rows of purchase_info in their order. They are read before the orders, and
// not joined to them: an old table may have no index for that.
type infos struct {
	rows []olddatabase.Row
	byID map[string]int // the first row of each order
	used map[int]bool
}

func (r *run) readInfos(ctx context.Context) (*infos, error) {
	read := &infos{byID: map[string]int{}, used: map[int]bool{}}
	for row, err := range r.From.Rows(ctx, olddatabase.PurchaseInfo) {
		if err != nil {
			return nil, err
		}
		if id := row.Value("purchase_id"); id != nil {
			if _, second := read.byID[*id]; !second {
				read.byID[*id] = len(read.rows)
			}
		}
		read.rows = append(read.rows, row)
	}
	return read, nil
}

// of returns the row of an order as further fields of it, nil where there is none.
func (i *infos) of(order *fields) *fields {
	id := order.rows[0].Value("purchase_id")
	if id == nil {
		return nil
	}
	at, found := i.byID[*id]
	if !found {
		return nil
	}
	i.used[at] = true
	order.rows = append(order.rows, i.rows[at])
	return &fields{rows: i.rows[at : at+1], location: order.location}
}

// reportUnused reports the rows that belong to no order.
func (r *run) reportUnused(infos *infos) error {
	summary := Summary{Table: olddatabase.PurchaseInfo.Name, Read: len(infos.rows)}
	for at, row := range infos.rows {
		if infos.used[at] {
			continue
		}
		reason := "purchase_id: there is no such order"
		if id := row.Value("purchase_id"); id != nil && infos.used[infos.byID[*id]] {
			reason = "purchase_id: the order has another row"
		}
		summary.LeftOut++
		if err := r.report.add(&fields{rows: []olddatabase.Row{row}}, false, []string{reason}); err != nil {
			return err
		}
	}
	if summary.LeftOut > 0 { // else they became parts of orders
		r.summaries = append(r.summaries, summary)
	}
	return nil
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
