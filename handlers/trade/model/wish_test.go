package model_test

import (
	"fmt"
	"strings"

	"campusgate/storage"
)

// A wish is what somebody wants to buy.
type wish struct {
	items   []wanted
	shops   []int64 // records of shops' coupons
	market  int64
	beli    bool
	deliver string
	address int64
}

type wanted struct {
	ware    *ware
	pieces  int64
	policy  int64
	first   *int64
	record  int64
	deliver string
}

// data is the wish as a request has it, without its braces.
func (v wish) data() string {
	var list []string
	for _, i := range v.items {
		text := fmt.Sprintf(`{"product_id":%d,"product_num":%d`, i.ware.id, i.pieces)
		if i.policy != 0 {
			text += fmt.Sprintf(`,"price_policy_id":%d`, i.policy)
		}
		if i.first != nil {
			text += `,"first_price":` + yuan(*i.first)
		}
		if i.record != 0 {
			text += fmt.Sprintf(`,"record_id":%d`, i.record)
		}
		if i.deliver != "" {
			text += `,"deliver":"` + i.deliver + `"`
		}
		list = append(list, text+"}")
	}
	text := `"items":[` + strings.Join(list, ",") + "]"
	if len(v.shops) > 0 {
		text += `,"shop_records":[` + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(v.shops)), ","), "[]") + "]"
	}
	if v.market != 0 {
		text += fmt.Sprintf(`,"record_id":%d`, v.market)
	}
	if v.beli {
		text += `,"use_beli":true`
	}
	if v.deliver != "" {
		text += `,"deliver":"` + v.deliver + `"`
	}
	if v.address != 0 {
		text += fmt.Sprintf(`,"address_id":%d`, v.address)
	}
	return text
}

// drawWish is mostly one that can be.
func (w *world) drawWish(u *person) wish {
	v := wish{deliver: w.pick("face", "express", "express"), beli: w.chance(3), address: u.address}
	if u.address == 0 && !w.chance(4) {
		v.deliver = "face"
	}
	if w.chance(20) {
		v.deliver = ""
	}
	if w.chance(20) {
		v.address = w.anybody().address
	}
	for range w.between(1, 3) {
		g := w.wares[w.random.IntN(len(w.wares))]
		if (g.seller == u || g.status != 1 || g.stock != nil && *g.stock == 0) && !w.chance(20) {
			continue
		}
		i := wanted{ware: g, pieces: w.between(1, 3)}
		if w.chance(6) {
			i.deliver = w.pick("face", "express")
		}
		if g.kind == storage.TypeCourse {
			i.pieces, i.policy = w.pickNumber(1, 1, 1, 1, 1, 1, 1, 1, 2), g.policies[w.random.IntN(2)].PolicyID
		} else {
			switch { // mostly a way that it allows
			case g.method == 1 && !w.chance(6):
				i.deliver = "face"
			case g.method == 2 && !w.chance(6):
				i.deliver = "express"
			}
			if g.stock != nil && *g.stock > 0 && !w.chance(15) {
				i.pieces = min(i.pieces, *g.stock)
			}
			if g.least != nil && !w.chance(3) {
				i.first = new(w.between(*g.least, g.price))
			}
		}
		if s := w.someSlip(u, func(c *ticket) bool { return c.terms.Product == g.id }); s != 0 && !w.chance(3) {
			i.record = s
		}
		if s := w.someSlip(u, func(c *ticket) bool { return c.terms.Shop == g.shop && g.shop != 0 }); s != 0 && len(v.shops) == 0 {
			v.shops = append(v.shops, s)
		}
		v.items = append(v.items, i)
	}
	if s := w.someSlip(u, func(c *ticket) bool { return c.market }); s != 0 && w.chance(2) {
		v.market = s
	}
	if w.chance(25) && len(w.slips) > 0 { // anybody's, for anything, perhaps used
		v.market = w.slips[w.random.IntN(len(w.slips))].id
	}
	return v
}

// someSlip is a record that somebody can use now, 0 where there is none.
func (w *world) someSlip(u *person, fits func(*ticket) bool) int64 {
	for _, s := range w.slips {
		if s.owner == u && s.free(w.now()) && fits(s.ticket) {
			return s.id
		}
	}
	return 0
}

func (s *slip) free(now int64) bool { return s.held == nil && !s.used && now < s.end }
