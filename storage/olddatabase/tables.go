package olddatabase

// A Table is one of the old server's. That read its rows by position, so a column's name
// here is what stands at its place, whatever it is called there.
type Table struct {
	Name    string
	Columns []string // the first one is the id
	// byName says that Columns are found by their names: the table is the account
	// service's, and has others between them.
	byName bool
	// orderBy are the columns by which the rows were added, in turn.
	orderBy []string
	// newestFirst reverses the order.
	newestFirst bool
}

// The old server's tables.
var (
	// Property has the notices. The greatest id comes first, so that a gateway that adds
	// notices meanwhile counts on from it, and takes no id that is still to come.
	Property = Table{
		Name: "property",
		Columns: []string{
			"id", "type", "state", "lab", "title", "content", "occurrence_time",
			"user_id", "user_name", "user_phone", "user_qq", "user2_id", "user2_name", "user2_phone", "user2_qq",
			"publish_time", "update_time", "pic_num", "pic_url1", "pic_url2", "pic_url3",
		},
		orderBy: []string{"id"}, newestFirst: true,
	}
	// Shop has the shops.
	Shop = Table{
		Name:    "shop",
		Columns: []string{"shop_id", "shop_name", "shop_content", "user_id", "creat_time", "pic_url"},
		orderBy: []string{"creat_time", "shop_id"},
	}
	// Product has the products.
	Product = Table{
		Name: "product",
		Columns: []string{
			"product_id", "product_name", "product_content", "product_key", "product_price", "product_disprice",
			"product_sale", "product_click", "product_collection", "shop_id", "creat_time", "update_time", "pic_url", "product_status",
		},
		orderBy: []string{"creat_time", "product_id"},
	}
	// Purchase has the orders.
	Purchase = Table{
		Name:    "purchase_base",
		Columns: []string{"purchase_id", "purchase_state", "user_id", "purchase_type", "purchase_price", "creat_time", "pay_method"},
		orderBy: []string{"creat_time", "purchase_id"},
	}
	// PurchaseInfo says what was ordered, in one row for each order.
	PurchaseInfo = Table{
		Name:    "purchase_info",
		Columns: []string{"purchase_id", "product_id", "product_num", "product_unitprice", "product_totalprice"},
		orderBy: []string{"purchase_id"},
	}
	// Users are the account service's.
	Users = Table{Name: "users", Columns: []string{"id", "name", "wealth"}, byName: true, orderBy: []string{"id"}}
	// Tokens are the account service's.
	Tokens = Table{Name: "tokens", Columns: []string{"token", "user_id"}, orderBy: []string{"token"}}
)

// Own are the tables that only the old server had.
func Own() []Table { return []Table{Property, Shop, Product, Purchase, PurchaseInfo} }

// A Row has the values of a table's columns as text.
type Row struct {
	Table  Table
	values []*string
}

// Value is the value of a column, nil for NULL.
func (r Row) Value(column string) *string {
	for i, name := range r.Table.Columns {
		if name == column {
			return r.values[i]
		}
	}
	panic("olddatabase: " + r.Table.Name + " has no column " + column)
}

// Bytes is the size of a row's values.
func (r Row) Bytes() (bytes int) {
	for _, value := range r.values {
		if value != nil {
			bytes += len(*value)
		}
	}
	return bytes
}
