package wechattest

import (
	"fmt"
	"strings"
	"time"

	"campusgate/handlers/trade/channel"
)

// billed is what has a row in a bill: of a refund the day on which it was accepted, whatever
// becomes of it.
type billed struct {
	no     string
	refund string // its number, "" of a payment
	amount int64
	at     time.Time
}

// Bill is the bill of a day of Beijing, such as 2026-11-26, as WeChat Pay's page gives it.
func (s *Service) Bill(day string) []byte {
	var text strings.Builder
	text.WriteString("\ufeff交易时间,公众账号ID,商户号,微信订单号,商户订单号,交易状态,商户退款单号,退款金额,商品名称,订单金额,申请退款金额\r\n")
	rows := 0
	s.change(func() {
		for _, b := range s.bill {
			at := b.at.In(channel.Beijing).Format(time.DateTime)
			if !strings.HasPrefix(at, day) {
				continue
			}
			state, refund, amount, back := "SUCCESS", "0", channel.FormatYuan(b.amount), "0.00"
			if b.refund != "" {
				state, refund, amount, back = "REFUND", b.refund, "0.00", amount
			}
			fmt.Fprintf(&text, "`%s,`%s,`%s,`T%s,`%s,`%s,`%s,`%s,`茶,`%s,`%s\r\n", at, s.Merchant.App, s.Merchant.Seller, b.no, b.no, state, refund, back, amount, back)
			rows++
		}
	})
	fmt.Fprintf(&text, "总交易单数,应结订单总金额\r\n`%d,`0.00\r\n", rows)
	return []byte(text.String())
}
