package bench

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/goccy/go-json"
	"github.com/valyala/fasthttp"
	_ "modernc.org/sqlite"

	"campusgate/dispatch"
)

// floorQueries are the floor's calls that ask the database: the gateway's
// statements, written by hand.
type floorQueries struct {
	reader, writer *sql.DB
	isolation      sql.IsolationLevel
	location       *time.Location
	cacheTTL       time.Duration
	cached         sync.Map // floorUser by token
	orders         atomic.Int64

	token, user, product, shops, properties, allProperties *sql.Stmt
	insert, order, finish, wealth, setWealth, addSale      *sql.Stmt

	course floorCourse
	market floorMarket

	searches  map[string]*sql.Stmt // by lead and sort
	searchNum *sql.Stmt
	counted   sync.Map // what a search finds, by its gram
}

type floorUser struct {
	id   string
	ends time.Time
}

const (
	floorProductColumns = `product_id, product_name, product_content, product_key, product_price, product_disprice,
		product_sale, product_click, product_collection, shop_id, creat_time, update_time, pic_url, product_status`
	floorPropertyColumns = `id, type, state, lab, title, content, occurrence_time, user_id, user_name, user_phone, user_qq,
		user2_id, user2_name, user2_phone, user2_qq, publish_time, update_time, pic_num, pic_url1, pic_url2, pic_url3`
	floorOrderColumns = `purchase_id, purchase_state, user_id, purchase_type, purchase_price, creat_time, pay_method,
		product_id, product_num, product_unitprice, product_totalprice`
)

func newFloorQueries(o floorOptions) *floorQueries {
	f := &floorQueries{cacheTTL: o.CacheTTL}
	f.orders.Store(rand.Int64N(1e15)) // there are two floors
	var err error
	f.location, err = time.LoadLocation("Asia/Shanghai")
	floorMust(err)
	forUpdate, inOrder, shopOwner := "", " CROSS JOIN ", "u.id = s.user_id"
	if o.Driver == "mysql" {
		config, err := mysql.ParseDSN(o.DSN)
		floorMust(err)
		config.ClientFoundRows = true
		f.reader = openFloor(o.Driver, config.FormatDSN(), 32)
		f.writer, f.isolation = f.reader, sql.LevelReadCommitted
		forUpdate, inOrder, shopOwner = " FOR UPDATE", " STRAIGHT_JOIN ", "u.id = CAST(s.user_id AS SIGNED) AND CAST(CAST(u.id AS CHAR) AS BINARY) = s.user_id"
	} else {
		f.reader = openFloor(o.Driver, "file:"+o.DSN+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)", 32)
		f.writer = openFloor(o.Driver, "file:"+o.DSN+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=synchronous(NORMAL)", 1)
	}
	f.token = prepareFloor(f.reader, `SELECT token, user_id FROM tokens WHERE token = ?`)
	f.user = prepareFloor(f.reader, `SELECT id FROM users WHERE id = ?`)
	f.product = prepareFloor(f.reader, `SELECT `+floorProductColumns+` FROM products WHERE product_id = ?`)
	f.shops = prepareFloor(f.reader, `SELECT s.shop_id, s.shop_name, s.shop_content, s.user_id, COALESCE(u.name, '') AS user_name,
		s.creat_time, s.pic_url FROM shops s LEFT JOIN users u ON `+shopOwner+` ORDER BY s.seq`)
	properties := `SELECT ` + floorPropertyColumns + ` FROM properties WHERE type = ?`
	f.properties = prepareFloor(f.reader, properties+` AND lab LIKE ? ESCAPE '!' ORDER BY update_time DESC, id DESC`)
	f.allProperties = prepareFloor(f.reader, properties+` ORDER BY update_time DESC, id DESC`)
	f.market = newFloorMarket(f.reader, shopOwner, inOrder)
	f.course = newFloorCourse(f.reader, floorSellers(shopOwner))
	f.prepareSearches(o.Driver, strings.ReplaceAll(shopOwner, "s.user_id", floorSeller))
	f.insert = prepareFloor(f.writer, `INSERT INTO purchases (`+floorOrderColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	f.order = prepareFloor(f.writer, `SELECT `+floorOrderColumns+` FROM purchases WHERE purchase_id = ?`)
	f.finish = prepareFloor(f.writer, `UPDATE purchases SET purchase_state = ?, pay_method = ? WHERE purchase_id = ? AND purchase_state = ?`)
	f.wealth = prepareFloor(f.writer, `SELECT id, COALESCE(name, '') AS name, wealth FROM users WHERE id = ?`+forUpdate)
	f.setWealth = prepareFloor(f.writer, `UPDATE users SET wealth = ? WHERE id = ? AND CAST(id AS CHAR) = ?`)
	f.addSale = prepareFloor(f.writer, `UPDATE products SET product_sale = CASE WHEN product_sale > ? THEN ? ELSE product_sale + ? END WHERE product_id = ?`)
	return f
}

func openFloor(driver, dsn string, connections int) *sql.DB {
	db, err := sql.Open(driver, dsn)
	floorMust(err)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

func prepareFloor(db *sql.DB, query string) *sql.Stmt {
	statement, err := db.PrepareContext(context.Background(), query)
	floorMust(err)
	return statement
}

// caller is the user of the request's token.
func (f *floorQueries) caller(request *fasthttp.RequestCtx) string {
	token := string(request.QueryArgs().Peek("token"))
	if cached, ok := f.cached.Load(token); ok {
		if user, ok := cached.(floorUser); ok && time.Now().Before(user.ends) {
			return user.id
		}
	}
	var stored, user string
	begin := time.Now()
	floorMust(f.token.QueryRowContext(context.Background(), token).Scan(&stored, &user))
	floorMust(f.user.QueryRowContext(context.Background(), user).Scan(&user))
	if f.cacheTTL > 0 {
		f.cached.Store(token, floorUser{user, begin.Add(f.cacheTTL)})
	}
	return user
}

func (f *floorQueries) time(unix int64) string {
	return time.Unix(unix, 0).In(f.location).Format(time.DateTime)
}

type floorProduct struct {
	ProductID         int64         `json:"product_id"`
	ProductName       string        `json:"product_name"`
	ProductContent    string        `json:"product_content"`
	ProductKey        string        `json:"product_key"`
	ProductPrice      dispatch.Fen  `json:"product_price"`
	ProductDisprice   *dispatch.Fen `json:"product_disprice"`
	ProductSale       int64         `json:"product_sale"`
	ProductClick      int64         `json:"product_click"`
	ProductCollection int64         `json:"product_collection"`
	ShopID            int64         `json:"shop_id"`
	CreatTime         string        `json:"creat_time"`
	UpdateTime        string        `json:"update_time"`
	PicURL            string        `json:"pic_url"`
	ProductStatus     int64         `json:"product_status"`
}

// findProduct is the product, and how it is on the wire.
func (f *floorQueries) findProduct(id int64) floorProduct {
	var p floorProduct
	var created, updated int64
	floorMust(f.product.QueryRowContext(context.Background(), id).Scan(&p.ProductID, &p.ProductName, &p.ProductContent,
		&p.ProductKey, &p.ProductPrice, &p.ProductDisprice, &p.ProductSale, &p.ProductClick, &p.ProductCollection,
		&p.ShopID, &created, &updated, &p.PicURL, &p.ProductStatus))
	p.CreatTime, p.UpdateTime = f.time(created), f.time(updated)
	return p
}

func (f *floorQueries) productInfo(request *fasthttp.RequestCtx) {
	var asked struct {
		ID            int64 `json:"id"`
		Type, Subtype string
		Data          struct {
			ProductID int64 `json:"product_id"`
		} `json:"data"`
	}
	floorMust(json.Unmarshal(request.PostBody(), &asked))
	f.caller(request)
	answerFloor(request, dispatch.Response{ID: asked.ID, Message: "successful", Data: f.findProduct(asked.Data.ProductID)})
}

type floorShop struct {
	ShopID      int64  `json:"shop_id"`
	ShopName    string `json:"shop_name"`
	ShopContent string `json:"shop_content"`
	UserID      int64  `json:"user_id"`
	UserName    string `json:"user_name"`
	CreatTime   string `json:"creat_time"`
	PicURL      string `json:"pic_url"`
}

func (f *floorQueries) shopList(request *fasthttp.RequestCtx) {
	var asked struct {
		ID            int64 `json:"id"`
		Type, Subtype string
	}
	floorMust(json.Unmarshal(request.PostBody(), &asked))
	f.caller(request)
	rows, err := f.shops.QueryContext(context.Background())
	floorMust(err)
	defer rows.Close()
	var list []floorShop
	for rows.Next() {
		var s floorShop
		var created int64
		floorMust(rows.Scan(&s.ShopID, &s.ShopName, &s.ShopContent, &s.UserID, &s.UserName, &created, &s.PicURL))
		s.CreatTime = f.time(created)
		list = append(list, s)
	}
	floorMust(rows.Err())
	answerFloor(request, dispatch.Response{ID: asked.ID, Message: "successful", Data: list})
}

type floorProperty struct {
	ID             int64  `json:"id"`
	Type           int64  `json:"type"`
	State          int64  `json:"state"`
	Lab            string `json:"lab"`
	Title          string `json:"title"`
	Content        string `json:"content"`
	OccurrenceTime string `json:"occurrence_time"`
	UserID         string `json:"user_id"`
	UserName       string `json:"user_name"`
	UserPhone      string `json:"user_phone"`
	UserQQ         string `json:"user_qq"`
	User2ID        string `json:"user2_id"`
	User2Name      string `json:"user2_name"`
	User2Phone     string `json:"user2_phone"`
	User2QQ        string `json:"user2_qq"`
	PublishTime    string `json:"publish_time"`
	UpdateTime     string `json:"update_time"`
	PicNum         int64  `json:"pic_num"`
	PicURL1        string `json:"pic_url1"`
	PicURL2        string `json:"pic_url2"`
	PicURL3        string `json:"pic_url3"`
}

func (f *floorQueries) propertyList(request *fasthttp.RequestCtx) {
	f.caller(request)
	kind, err := request.QueryArgs().GetUint("type")
	floorMust(err)
	statement, args := f.allProperties, []any{kind}
	if lab := request.QueryArgs().Peek("lab"); lab != nil {
		statement, args = f.properties, append(args, "%"+string(lab)+"%")
	}
	rows, err := statement.QueryContext(context.Background(), args...)
	floorMust(err)
	defer rows.Close()
	var list []floorProperty
	for rows.Next() {
		var p floorProperty
		var occurred, published, updated int64
		floorMust(rows.Scan(&p.ID, &p.Type, &p.State, &p.Lab, &p.Title, &p.Content, &occurred,
			&p.UserID, &p.UserName, &p.UserPhone, &p.UserQQ, &p.User2ID, &p.User2Name, &p.User2Phone, &p.User2QQ,
			&published, &updated, &p.PicNum, &p.PicURL1, &p.PicURL2, &p.PicURL3))
		p.OccurrenceTime, p.PublishTime, p.UpdateTime = f.time(occurred), f.time(published), f.time(updated)
		list = append(list, p)
	}
	floorMust(rows.Err())
	answerFloor(request, dispatch.Response{ID: -1, Message: "successful", Data: list})
}

// purchase is purchase/apply, and purchase/pay.
func (f *floorQueries) purchase(request *fasthttp.RequestCtx) {
	var asked struct {
		ID            int64 `json:"id"`
		Type, Subtype string
		Data          struct {
			ProductID         int64   `json:"product_id"`
			ProductNum        int64   `json:"product_num"`
			ProductUnitprice  float64 `json:"product_unitprice"`
			ProductTotalprice float64 `json:"product_totalprice"`
			PurchaseID        string  `json:"purchase_id"`
		} `json:"data"`
	}
	floorMust(json.Unmarshal(request.PostBody(), &asked))
	user := f.caller(request)
	if asked.Subtype == "pay" {
		f.pay(asked.Data.PurchaseID)
		answerFloor(request, dispatch.Response{ID: asked.ID, Message: "successful", Data: struct{}{}})
		return
	}
	product := f.findProduct(asked.Data.ProductID)
	now := time.Now().Unix()
	id := fmt.Sprintf("9%016d", f.orders.Add(1)) // never one of the gateway's
	_, err := f.insert.ExecContext(context.Background(), id, "paying", user, 0, fenOfYuan(asked.Data.ProductTotalprice), now, "",
		product.ProductID, asked.Data.ProductNum, fenOfYuan(asked.Data.ProductUnitprice), fenOfYuan(asked.Data.ProductTotalprice))
	floorMust(err)
	answerFloor(request, dispatch.Response{ID: asked.ID, Message: "successful", Data: struct {
		PurchaseID string `json:"purchase_id"`
	}{id}})
}

// pay is the gateway's transaction.
func (f *floorQueries) pay(id string) {
	ctx := context.Background()
	tx, err := f.writer.BeginTx(ctx, &sql.TxOptions{Isolation: f.isolation})
	floorMust(err)
	inTx := func(statement *sql.Stmt) *sql.Stmt { return tx.StmtContext(ctx, statement) }
	var state, user, method, name, wealth string
	var kind, price, created, product, pieces, unit, total int64
	floorMust(inTx(f.order).QueryRowContext(ctx, id).Scan(&id, &state, &user, &kind, &price, &created, &method, //nolint:sqlclosecheck // the transaction's end closes it
		&product, &pieces, &unit, &total))
	_, err = inTx(f.finish).ExecContext(ctx, "finish", "wallet", id, "paying") //nolint:sqlclosecheck // the transaction's end closes it
	floorMust(err)
	floorMust(inTx(f.wealth).QueryRowContext(ctx, user).Scan(&user, &name, &wealth)) //nolint:sqlclosecheck // the transaction's end closes it
	yuan, err := strconv.ParseFloat(wealth, 64)
	floorMust(err)
	left := fenOfYuan(yuan) - price
	_, err = inTx(f.setWealth).ExecContext(ctx, fmt.Sprintf("%d.%02d", left/100, left%100), user, user) //nolint:sqlclosecheck // the transaction's end closes it
	floorMust(err)
	_, err = inTx(f.addSale).ExecContext(ctx, math.MaxInt64-pieces, int64(math.MaxInt64), pieces, product) //nolint:sqlclosecheck // the transaction's end closes it
	floorMust(err)
	floorMust(tx.Commit())
}

func fenOfYuan(yuan float64) int64 { return int64(math.Round(100 * yuan)) }
