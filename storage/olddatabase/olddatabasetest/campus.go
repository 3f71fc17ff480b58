package olddatabasetest

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"campusgate/storage/olddatabase"
)

// A Size says how many rows a campus has. A shop has ten products.
type Size struct{ Notices, Products, Orders int }

// Small is a campus that takes a moment.
var Small = Size{Notices: 100, Products: 60, Orders: 150}

// Word is in the title of notice and the name of product i alone.
func Word(i int) string { return fmt.Sprintf("牌号%06d", i) }

// Fen is the price of product i.
func Fen(i int) int64 { return int64(i%9000)*7 + 1 }

const (
	firstNotice  = 1_500_000_000
	firstShop    = 100_000_000
	firstProduct = 1_000_000
	firstOrder   = 15_000_000_000_000_000
)

// NoticeID is the id of notice i.
func NoticeID(i int) int64 { return firstNotice + int64(i)*3 }

// ShopID is the id of shop i.
func ShopID(i int) int64 { return firstShop + int64(i)*7 }

// ProductID is the id of product i.
func ProductID(i int) int64 { return firstProduct + int64(i) }

// OrderID is the id of order i.
func OrderID(i int) string { return strconv.Itoa(firstOrder + i) }

// UserID is the user of row i.
func UserID(i int) string { return strconv.Itoa(1180310000 + i%500) }

// At is the text of the time at which row i was added.
func At(i int) string {
	return time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 7 * time.Minute).Format(time.DateTime)
}

// Content is about 80 characters, as a notice has, with a few words of many.
func Content(i int) string {
	places := []string{"教学楼", "图书馆", "第三食堂", "操场看台", "实验楼", "校车", "宿舍楼下", "体育馆更衣室"}
	things := []string{"校园卡", "蓝色雨伞", "黑色水杯", "钥匙串", "高等数学课本", "无线耳机", "学生证", "身份证"}
	return fmt.Sprintf("%s在%s丢失了一个%s，编号 %d，上面贴着一张写有 %x 的贴纸，捡到的同学请与我联系，必有重谢！",
		At(i), places[i%len(places)], things[i/3%len(things)], i*7919%1_000_000, i*2654435761%(1<<31))
}

// Fill fills the database with a campus that has nothing nasty.
func (d *Database) Fill(t testing.TB, size Size) {
	t.Helper()
	d.fill(t, olddatabase.Property, size.Notices, func(i int) []any {
		return []any{
			NoticeID(i), 1 + i%2, i % 2, "卡类|其他", Word(i), Content(i), At(i), UserID(i), "王凌超", "13750687010", "893721708",
			nil, nil, "None", nil, At(i), At(i), nil, nil, nil, nil,
		}
	})
	d.fill(t, olddatabase.Shop, (size.Products+9)/10, func(i int) []any {
		return []any{ShopID(i), fmt.Sprintf("店铺%d", i), "小店", UserID(i), At(i), nil}
	})
	d.fill(t, olddatabase.Product, size.Products, func(i int) []any {
		return []any{
			ProductID(i), Word(i), "<p>" + Content(i) + "</p><script>alert(1)</script>", "生活|用品", Yuan(Fen(i)), nil,
			0, i % 100, 0, ShopID(i / 10), At(i), nil, "./api/external/get/pic/product/" + strconv.Itoa(i) + ".jpg", 1,
		}
	})
	states := []string{"paying", "finish", "cancel"}
	methods := []any{nil, "wallet", ""}
	d.fill(t, olddatabase.Purchase, size.Orders, func(i int) []any {
		return []any{OrderID(i), states[i%3], UserID(i), 0, Yuan(2 * Fen(i%size.Products)), At(i), methods[i%3]}
	})
	d.fill(t, olddatabase.PurchaseInfo, size.Orders, func(i int) []any {
		product := i % size.Products
		return []any{OrderID(i), ProductID(product), 2, Yuan(Fen(product)), Yuan(2 * Fen(product))}
	})
}

func (d *Database) fill(t testing.TB, table olddatabase.Table, rows int, row func(i int) []any) {
	t.Helper()
	all := make([][]any, rows)
	for i := range all {
		all[i] = row(i)
	}
	d.Insert(t, table, all...)
}

// Yuan is an amount as text.
func Yuan(fen int64) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }
