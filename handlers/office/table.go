package office

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

const (
	tableName  = "orders.csv"
	tableNotes = "For admins: the orders that were made from `date_begin` to `date_end`, days as YYYY-MM-DD of the server's time zone, the oldest first. " +
		"UTF-8 with a byte order mark, one line an order, its header in Chinese; no addresses and phones. " +
		"A cell that a spreadsheet would run has an apostrophe before it. " +
		"The answer is streamed, and can be of any length; where it fails the connection breaks. " +
		"It is an audit row. What is refused is answered by an envelope: -3, -201 and -204 of the days, and -100 to -103 and -301 as by every call."
)

var describeTable = dispatch.PlainDescription{
	Methods: []string{http.MethodGet},
	Query: []dispatch.Segment{
		{Name: "date_begin", Doc: "the first day", Example: "2019-11-01"},
		{Name: "date_end", Doc: "the last day", Example: "2019-11-28"},
	},
	Tag: "stats",
	Answers: []dispatch.AnswerDescription{{
		Status: http.StatusOK, Doc: "The table, or an envelope.", ContentType: "text/csv",
		Headers: []dispatch.HeaderDescription{{Name: "Content-Disposition"}},
	}},
	Results: []dispatch.Result{{Status: http.StatusOK}},
}

// table answers GET /get/orders.csv.
func (o officeCalls) table(ctx context.Context, request dispatch.PlainRequest) (dispatch.PlainAnswer, error) {
	var in dates
	query := request.Query()
	for _, one := range []struct {
		key string
		to  *string
	}{{"date_begin", &in.DateBegin}, {"date_end", &in.DateEnd}} {
		*one.to = query.Get(one.key)
		switch {
		case !query.Has(one.key):
			return dispatch.PlainAnswer{}, dispatch.Fail(dispatch.ErrorDataKey, one.key+": missing")
		case *one.to == "":
			return dispatch.PlainAnswer{}, dispatch.Fail(dispatch.EmptyValue, one.key+": must not be empty")
		}
	}
	first, last, err := in.days()
	if err != nil {
		return dispatch.PlainAnswer{}, err
	}
	err = o.DB.InTx(ctx, func(tx *storage.Tx) error {
		return tx.AddAudit(ctx, storage.Audit{
			Time: o.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: "get/" + tableName, Target: first.text() + " to " + last.text(),
		})
	})
	if err != nil {
		return dispatch.PlainAnswer{}, wire.DatabaseFailure(err)
	}
	return dispatch.PlainAnswer{
		ContentType: "text/csv; charset=utf-8", CacheControl: "no-store",
		Headers: []dispatch.Header{{
			Name: "Content-Disposition", Value: fmt.Sprintf(`attachment; filename="orders-%s-%s.csv"`, first.text(), last.text()),
		}},
		Stream: func(ctx context.Context, w io.Writer) error {
			return o.writeTable(ctx, w, o.begin(first), o.begin(last.next(1)))
		},
	}, nil
}

// collectEvery is after how many orders the memory is taken back that they have used. The
// server lets its heap grow to a multiple before that is done, which calls need and one long
// table does not.
const collectEvery = 2000

// byteOrderMark tells spreadsheets that a file is UTF-8.
const byteOrderMark = "\ufeff"

// writeTable writes the orders that were made from a time to before another, with few of
// them in memory and no transaction open.
func (o officeCalls) writeTable(ctx context.Context, w io.Writer, from, before int64) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	rows := csv.NewWriter(w)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.name
	}
	if err := rows.Write(cells); err != nil {
		return err
	}
	written := 0
	err := wire.EachAfter(func(after string) ([]storage.NamedOrder, string, error) {
		batch, err := o.DB.NamedOrders(ctx, after, from, before)
		if len(batch) > 0 {
			after = batch[len(batch)-1].Order.OrderID
		}
		return batch, after, err
	}, func(order storage.NamedOrder) error {
		if written++; written%collectEvery == 0 {
			runtime.GC()
		}
		for i, c := range columns {
			cells[i] = cell(c.of(o, &order))
		}
		return rows.Write(cells)
	})
	if err != nil {
		return err
	}
	rows.Flush()
	return rows.Error()
}

// A column is one of the table.
type column struct {
	name string
	of   func(o officeCalls, order *storage.NamedOrder) string
}

var columns = []column{
	{"订单号", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.OrderID }},
	{"支付单号", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.PayID }},
	{"状态", func(o officeCalls, r *storage.NamedOrder) string { return o.StateName(r.Order.State) }},
	{"下单时间", func(o officeCalls, r *storage.NamedOrder) string { return o.time(r.Order.CreatTime) }},
	{"付款时间", func(o officeCalls, r *storage.NamedOrder) string { return o.time(r.Order.PayTime) }},
	{"发货时间", func(o officeCalls, r *storage.NamedOrder) string { return o.time(r.Order.ShipTime) }},
	{"完成时间", func(o officeCalls, r *storage.NamedOrder) string { return o.time(r.Order.FinishTime) }},
	{"关闭时间", func(o officeCalls, r *storage.NamedOrder) string { return o.time(r.Order.ClosedTime) }},
	{"买家编号", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.UserID }},
	{"买家", func(_ officeCalls, r *storage.NamedOrder) string { return r.Names.User }},
	{"卖家编号", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.SellerID }},
	{"卖家", func(_ officeCalls, r *storage.NamedOrder) string { return r.Names.Seller }},
	{"店铺", func(_ officeCalls, r *storage.NamedOrder) string { return r.Names.Shop }},
	{"商品", func(_ officeCalls, r *storage.NamedOrder) string { return products(r.Lines) }},
	{"件数", func(_ officeCalls, r *storage.NamedOrder) string { return strconv.FormatInt(pieces(r.Lines), 10) }},
	{"配送方式", func(_ officeCalls, r *storage.NamedOrder) string { return delivers[r.Order.Deliver] }},
	{"商品金额", func(_ officeCalls, r *storage.NamedOrder) string { return yuan(r.Order.GoodsPrice) }},
	{"优惠金额", func(_ officeCalls, r *storage.NamedOrder) string { return yuan(r.Order.OffPrice) }},
	{"运费", func(_ officeCalls, r *storage.NamedOrder) string { return yuan(r.Order.ShipPrice) }},
	{"额度卡", func(_ officeCalls, r *storage.NamedOrder) string { return yuan(r.Order.CreditPrice) }},
	{"应付金额", func(_ officeCalls, r *storage.NamedOrder) string { return yuan(r.Order.PayPrice) }},
	{"已退金额", func(_ officeCalls, r *storage.NamedOrder) string { return yuan(r.Order.Refunded) }},
	{"支付方式", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.PayMethod }},
	{"物流公司", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.Logistics }},
	{"物流单号", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.LogisticsID }},
	{"买家留言", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.UserNote }},
	{"管理员备注", func(_ officeCalls, r *storage.NamedOrder) string { return r.Order.AdminNote }},
}

var delivers = map[string]string{"face": "当面交易", "express": "快递", "": "无需配送"}

// time is a time of the table, "" for none.
func (o officeCalls) time(unix int64) string {
	if unix == 0 {
		return ""
	}
	return o.Clock.Text(unix)
}

// yuan is money in yuan, always with both decimals.
func yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// products name what was bought, and how often where that is not once.
func products(lines []storage.OrderLine) string {
	names := make([]string, len(lines))
	for i, line := range lines {
		names[i] = line.ProductName
		if line.Pieces != 1 {
			names[i] += " ×" + strconv.FormatInt(line.Pieces, 10)
		}
	}
	return strings.Join(names, "；")
}

func pieces(lines []storage.OrderLine) (sum int64) {
	for _, line := range lines {
		sum += line.Pieces
	}
	return sum
}
