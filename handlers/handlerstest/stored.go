package handlerstest

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Stored is everything that the calls of these tests may change.
func (g *Gateway) Stored() string {
	g.T.Helper()
	ctx, all := g.T.Context(), storage.Page{}
	var everything []any
	keep := func(rows any, err error) {
		Must(g.T, err)
		everything = append(everything, rows)
	}
	keep(g.DB.Properties(ctx, storage.PropertyFilter{Type: 1}, all))
	keep(g.DB.Properties(ctx, storage.PropertyFilter{Type: 2}, all))
	keep(g.DB.Shops(ctx, storage.ShopFilter{}, nil, all))
	keep(g.Products(), nil)
	keep(g.reviews(), nil)
	categories, _, err := g.DB.Categories(ctx, nil, all)
	keep(categories, err)
	coupons, _, err := g.DB.Coupons(ctx, storage.CouponFilter{}, all)
	keep(coupons, err)
	keep(g.DB.Jobs(ctx, storage.JobFilter{}))
	keep(g.profiles())
	keep(g.orders(), nil)
	keep(g.ledger(), nil)
	for _, user := range []string{Alice, Bob} {
		orders, _, err := g.DB.Purchases(ctx, user, all)
		keep(orders, err)
		addresses, _, err := g.DB.Addresses(ctx, user, all)
		keep(addresses, err)
		favourites, _, err := g.DB.FavouritesAfter(ctx, user, 0)
		keep(favourites, err)
		reports, _, err := g.DB.ProductReportsAfter(ctx, user, 0)
		keep(reports, err)
		keep(g.DB.User(ctx, user))
		notices, _, err := g.DB.Notices(ctx, user, false, all)
		keep(notices, err)
		messages, _, err := g.DB.MessagesAfter(ctx, user, 0)
		keep(messages, err)
		conversations, _, err := g.DB.Conversations(ctx, user, all)
		keep(conversations, err)
		blocks, _, err := g.DB.BlocksAfter(ctx, user, "")
		keep(blocks, err)
		keep(g.identity(user))
		records, _, err := g.DB.CouponRecords(ctx, user, nil, 0, all)
		keep(records, err)
		cart, _, err := g.DB.CartLinesAfter(ctx, user, 0)
		keep(cart, err)
		keep(g.payments(user), nil)
	}
	anomalies, _, err := g.DB.Anomalies(ctx, all)
	keep(anomalies, err)
	keep(g.policies(), nil)
	keep(g.courses(), nil)
	text, err := json.MarshalIndent(everything, "", " ")
	Must(g.T, err)
	return string(text)
}

// reviews are the products that an admin may decide, and those that have a newer version.
func (g *Gateway) reviews() map[int64]any {
	g.T.Helper()
	reviews := map[int64]any{}
	for _, product := range g.Products() {
		reports, queued := g.DB.ReviewReports(g.T.Context(), product.ProductID)
		edit, edited := g.DB.ProductEdit(g.T.Context(), product.ProductID)
		for _, err := range []error{queued, edited} {
			if err != nil && !errors.Is(err, storage.ErrNotFound) {
				g.T.Fatal(err)
			}
		}
		if queued == nil || edited == nil {
			reviews[product.ProductID] = []any{queued == nil, reports, edit}
		}
	}
	return reviews
}

// policies are the price policies of all courses.
func (g *Gateway) policies() []storage.PricePolicy {
	g.T.Helper()
	var courses []int64
	for _, product := range g.Products() {
		if product.Type == storage.TypeCourse {
			courses = append(courses, product.ProductID)
		}
	}
	policies, err := g.DB.PricePolicies(g.T.Context(), courses)
	Must(g.T, err)
	return policies
}

// Products are those of every type: goods in the order of adding, then the others by id.
func (g *Gateway) Products() (products []storage.MarketDetail) {
	g.T.Helper()
	ctx := g.T.Context()
	goods, err := g.DB.Products(ctx, storage.ProductFilter{}, nil, storage.Page{})
	Must(g.T, err)
	others, err := g.DB.ProductOrigins(ctx)
	Must(g.T, err)
	var ids []string
	for _, one := range goods {
		id := strconv.FormatInt(one.ProductID, 10)
		ids = append(ids, id)
		delete(others, id)
	}
	for _, id := range append(ids, slices.Sorted(maps.Keys(others))...) {
		number, err := strconv.ParseInt(id, 10, 64)
		Must(g.T, err)
		product, err := g.DB.MarketDetail(ctx, number)
		Must(g.T, err)
		products = append(products, product)
	}
	return products
}

// profile is one with its sessions, but for when they were used.
type profile struct {
	storage.Profile
	Sessions []storage.Session
}

// ledger is all of it.
func (g *Gateway) ledger() (rows []storage.LedgerRow) {
	g.T.Helper()
	Must(g.T, wire.EachAfter(func(after int64) ([]storage.LedgerRow, int64, error) {
		batch, err := g.DB.LedgerAfter(g.T.Context(), after)
		if len(batch) > 0 {
			after = batch[len(batch)-1].LedgerID
		}
		return batch, after, err
	}, func(row storage.LedgerRow) error {
		rows = append(rows, row)
		return nil
	}))
	return rows
}

func (g *Gateway) profiles() (profiles []profile, err error) {
	found, _, err := g.DB.Profiles(g.T.Context(), storage.ProfileFilter{}, storage.Page{})
	for _, one := range found {
		sessions, err := g.DB.Sessions(g.T.Context(), one.UserID)
		if err != nil {
			return nil, err
		}
		for i := range sessions {
			sessions[i].UsedTime = 0
		}
		profiles = append(profiles, profile{one, sessions})
	}
	return profiles, err
}

// identity is who a user is, but for what is encrypted by chance, and how many pictures
// there are of the card.
type identity struct {
	storage.Identity
	Pictures int
}

// identity is nil where there is none.
func (g *Gateway) identity(user string) (*identity, error) {
	stored, err := g.DB.Identity(g.T.Context(), user)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	found := &identity{Identity: stored}
	found.Sealed, found.IDHash = nil, nil
	for _, side := range []int{storage.SideUp, storage.SideDown} {
		if _, missing := g.DB.IdentityPicture(g.T.Context(), user, side); missing == nil {
			found.Pictures++
		}
	}
	return found, err
}

// SQL changes the database as only the account service or an accident does.
func (g *Gateway) SQL(statement string) {
	g.T.Helper()
	if OnMariaDB() {
		g.T.Skip("what only the database's file allows: on SQLite")
	}
	if strings.Contains(statement, "wealth") {
		g.outside.Store(true)
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(g.PicturesDir)), "*", "campusgate.db"))
	Must(g.T, err)
	if len(files) != 1 {
		g.T.Fatalf("the database file: %q", files)
	}
	db, err := sql.Open("sqlite", files[0]+"?_pragma=busy_timeout(5000)")
	Must(g.T, err)
	defer db.Close()
	_, err = db.ExecContext(g.T.Context(), statement)
	Must(g.T, err)
}

// EveryRow is every row of every table that can be listed, by kind and id.
func (g *Gateway) EveryRow() map[string]any {
	g.T.Helper()
	ctx, all, rows := g.T.Context(), storage.Page{}, map[string]any{}
	for _, typ := range []int64{1, 2} {
		notices, err := g.DB.Properties(ctx, storage.PropertyFilter{Type: typ}, all)
		Must(g.T, err)
		for _, row := range notices {
			rows[fmt.Sprint("notice ", row.ID)] = row
		}
	}
	shops, err := g.DB.Shops(ctx, storage.ShopFilter{}, nil, all)
	Must(g.T, err)
	for _, row := range shops {
		rows[fmt.Sprint("shop ", row.ShopID)] = row
	}
	for id, row := range g.reviews() {
		rows[fmt.Sprint("review ", id)] = row
	}
	for _, row := range g.Products() {
		rows[fmt.Sprint("product ", row.ProductID)] = row
	}
	categories, _, err := g.DB.Categories(ctx, nil, all)
	Must(g.T, err)
	for _, row := range categories {
		rows[fmt.Sprint("category ", row.CategoryID)] = row
	}
	coupons, _, err := g.DB.Coupons(ctx, storage.CouponFilter{}, all)
	Must(g.T, err)
	for _, row := range coupons {
		rows[fmt.Sprint("coupon ", row.CouponID)] = row
	}
	for _, row := range g.policies() {
		rows[fmt.Sprint("price policy ", row.PolicyID)] = row
	}
	waiting, err := g.DB.Jobs(ctx, storage.JobFilter{})
	Must(g.T, err)
	for _, row := range waiting {
		rows[fmt.Sprint("job ", row.ID)] = row
	}
	for _, row := range g.ledger() {
		rows[fmt.Sprint("ledger ", row.LedgerID)] = row
	}
	days, err := g.DB.DaySummaries(ctx, 0, g.Clock.Now().Unix())
	Must(g.T, err)
	for _, row := range days {
		rows[fmt.Sprint("day ", row.Begin)] = row
	}
	maps.Copy(rows, g.orders())
	maps.Copy(rows, g.courses())
	anomalies, _, err := g.DB.Anomalies(ctx, all)
	Must(g.T, err)
	for _, row := range anomalies {
		rows[fmt.Sprint("anomaly ", row.AnomalyID)] = row
	}
	profiles, err := g.profiles()
	Must(g.T, err)
	for _, row := range profiles {
		rows["profile "+row.UserID] = row
	}
	for _, id := range []string{Alice, Bob} {
		addresses, _, err := g.DB.Addresses(ctx, id, all)
		Must(g.T, err)
		for _, row := range addresses {
			rows[fmt.Sprint("address ", row.AddressID)] = row
		}
		orders, _, err := g.DB.Purchases(ctx, id, all)
		Must(g.T, err)
		for _, row := range orders {
			rows["order "+row.PurchaseID] = row
		}
		told, _, err := g.DB.Notices(ctx, id, false, all)
		Must(g.T, err)
		for _, row := range told {
			rows[fmt.Sprint("told ", row.NoticeID)] = row
		}
		for after := int64(0); ; {
			messages, last, err := g.DB.MessagesAfter(ctx, id, after)
			Must(g.T, err)
			if len(messages) == 0 {
				break
			}
			for _, row := range messages {
				rows[fmt.Sprint("message ", row.MessageID)] = row
			}
			after = last
		}
		conversations, _, err := g.DB.Conversations(ctx, id, all)
		Must(g.T, err)
		for _, row := range conversations {
			rows[fmt.Sprint("conversation of ", id, " with ", row.PeerID, " about ", row.Last.ProductID)] = row
		}
		blocks, _, err := g.DB.BlocksAfter(ctx, id, "")
		Must(g.T, err)
		rows["blocked by "+id] = blocks
		favourites, _, err := g.DB.FavouritesAfter(ctx, id, 0)
		Must(g.T, err)
		reports, _, err := g.DB.ProductReportsAfter(ctx, id, 0)
		Must(g.T, err)
		rows["favourites and reports of "+id] = []any{favourites, reports}
		records, _, err := g.DB.CouponRecords(ctx, id, nil, 0, all)
		Must(g.T, err)
		for _, row := range records {
			rows[fmt.Sprint("record ", row.RecordID)] = row
		}
		cart, _, err := g.DB.CartLinesAfter(ctx, id, 0)
		Must(g.T, err)
		for _, row := range cart {
			rows[fmt.Sprint("cart line ", row.CartID)] = row
		}
		maps.Copy(rows, g.payments(id))
		user, err := g.DB.User(ctx, id)
		Must(g.T, err)
		rows["user "+id] = user
		who, err := g.identity(id)
		Must(g.T, err)
		if who != nil {
			rows["identity "+id] = *who
		}
		tokens, err := g.DB.Tokens(ctx, id)
		Must(g.T, err)
		rows["tokens of "+id] = tokens
	}
	return rows
}
