package importing_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/cmd/campusgate/importing"
	"campusgate/storage"
	"campusgate/storage/olddatabase/olddatabasetest"
	"campusgate/storage/storagetest"
)

// campusSize is a campus that takes a moment, and in the long form a large one.
func campusSize() olddatabasetest.Size {
	if campusgatetest.Torture() {
		return olddatabasetest.Size{Notices: 100_000, Products: 20_000, Orders: 50_000}
	}
	return olddatabasetest.Small
}

// A whole campus moves in: its rows are counted, its prices summed, twenty rows of each
// table are compared, and the search finds their words.
func TestCampusMovesIn(t *testing.T) {
	t.Parallel()
	size := campusSize()
	olddatabasetest.Each(t, func(t *testing.T, old *olddatabasetest.Database) {
		old.Fill(t, size)
		storagetest.Each(t, func(t *testing.T, db *storage.DB) {
			began := time.Now()
			summaries, report, err := run(t, old, db, importing.Options{})
			t.Logf("%+v in %s", size, time.Since(began).Round(time.Millisecond))
			must(t, err)
			if report != "" {
				t.Errorf("the report has %.1000s", report)
			}
			if want := campusSummaries(size); !slices.Equal(summaries, want) {
				t.Errorf("got  %+v\nwant %+v", summaries, want)
			}
			db = db.Within(time.Hour) // whole tables are read
			checkNotices(t, db, size.Notices)
			checkProducts(t, db, size.Products)
			checkOrders(t, db, size)
		})
	})
}

func campusSummaries(size olddatabasetest.Size) []importing.Summary {
	shops := (size.Products + 9) / 10
	return []importing.Summary{
		{Table: "property", Read: size.Notices, Added: size.Notices},
		{Table: "shop", Read: shops, Added: shops},
		{Table: "product", Read: size.Products, Added: size.Products},
		{Table: "purchase_base", Read: size.Orders, Added: size.Orders},
	}
}

// twenty are numbers of rows from the first to the last.
func twenty(rows int) (numbers []int) {
	for i := range 20 {
		numbers = append(numbers, i*(rows-1)/19)
	}
	return numbers
}

func checkNotices(t *testing.T, db *storage.DB, notices int) {
	t.Helper()
	found := 0
	for notice := range int64(2) {
		all, err := db.Properties(t.Context(), storage.PropertyFilter{Type: notice + 1}, storage.Page{})
		must(t, err)
		found += len(all)
	}
	if found != notices {
		t.Errorf("%d notices, want %d", found, notices)
	}
	for _, i := range twenty(notices) {
		word := olddatabasetest.Word(i)
		got, err := db.Properties(t.Context(), storage.PropertyFilter{Type: int64(1 + i%2), Key: &word}, storage.Page{})
		must(t, err)
		at := unix(t, olddatabasetest.At(i))
		want := []storage.Property{{
			ID: olddatabasetest.NoticeID(i), Type: int64(1 + i%2), State: int64(i % 2), Lab: "卡类|其他", Title: word,
			Content: olddatabasetest.Content(i), OccurrenceTime: at, UserID: olddatabasetest.UserID(i),
			UserName: "王凌超", UserPhone: "13750687010", UserQQ: "893721708", PublishTime: at, UpdateTime: at,
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("notice %d: %s", i, diff)
		}
	}
}

func checkProducts(t *testing.T, db *storage.DB, products int) {
	t.Helper()
	all, err := db.Products(t.Context(), storage.ProductFilter{}, nil, storage.Page{})
	must(t, err)
	var sum, wantSum int64
	for i, product := range all {
		sum += product.ProductPrice
		wantSum += olddatabasetest.Fen(i)
	}
	if len(all) != products || sum != wantSum {
		t.Errorf("%d products of %d fen, want %d of %d", len(all), sum, products, wantSum)
	}
	for _, i := range twenty(products) {
		got, err := db.Products(t.Context(), storage.ProductFilter{Name: olddatabasetest.Word(i)}, nil, storage.Page{})
		must(t, err)
		at := unix(t, olddatabasetest.At(i))
		want := []storage.Product{{
			ProductID: olddatabasetest.ProductID(i), ProductName: olddatabasetest.Word(i),
			ProductContent: "<p>" + olddatabasetest.Content(i) + "</p>", ProductKey: "生活|用品",
			ProductPrice: olddatabasetest.Fen(i), ProductClick: int64(i % 100), ShopID: olddatabasetest.ShopID(i / 10),
			CreatTime: at, UpdateTime: at, PicURL: "./api/external/get/pic/product/" + strconv.Itoa(i) + ".jpg", ProductStatus: 1,
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("product %d: %s", i, diff)
		}
	}
}

func checkOrders(t *testing.T, db *storage.DB, size olddatabasetest.Size) {
	t.Helper()
	var orders, sum, wantSum int64
	for user := range min(500, size.Orders) {
		list, total, err := db.Purchases(t.Context(), olddatabasetest.UserID(user), storage.Page{})
		must(t, err)
		orders += total
		for _, order := range list {
			sum += order.PurchasePrice
		}
	}
	for i := range size.Orders {
		wantSum += 2 * olddatabasetest.Fen(i%size.Products)
	}
	if orders != int64(size.Orders) || sum != wantSum {
		t.Errorf("%d orders of %d fen, want %d of %d", orders, sum, size.Orders, wantSum)
	}
	for _, i := range twenty(size.Orders) {
		got, err := db.Purchase(t.Context(), olddatabasetest.OrderID(i))
		must(t, err)
		product := i % size.Products
		want := storage.Purchase{
			PurchaseID: olddatabasetest.OrderID(i), PurchaseState: []string{"paying", "finish", "cancel"}[i%3],
			UserID: olddatabasetest.UserID(i), PurchasePrice: 2 * olddatabasetest.Fen(product), CreatTime: unix(t, olddatabasetest.At(i)),
			PayMethod: []string{"", "wallet", ""}[i%3], ProductID: olddatabasetest.ProductID(product), ProductNum: 2,
			ProductUnitprice: olddatabasetest.Fen(product), ProductTotalprice: 2 * olddatabasetest.Fen(product),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("order %d: %s", i, diff)
		}
	}
}
