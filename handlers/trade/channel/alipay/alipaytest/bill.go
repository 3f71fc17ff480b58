package alipaytest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"campusgate/handlers/trade/channel"
)

// billed is what has a row in a bill.
type billed struct {
	no     string
	refund string // its number, "" of a payment
	amount int64
	at     time.Time
}

// Bill is the bill of a day of Beijing, such as 2026-11-26, as Alipay's page gives it.
func (s *Service) Bill(t testing.TB, day string) []byte {
	t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var text strings.Builder
	text.WriteString("#支付宝业务明细查询\n#账号：[" + s.merchant.Seller + "0156]\n#起始日期：[" + day + "]\n#----业务明细列表----\n" +
		"支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注\n")
	for _, b := range s.bill {
		kind, sign := "交易", ""
		if b.refund != "" {
			kind, sign = "退款", "-"
		}
		if at := clock(b.at); at[:len(time.DateOnly)] == day {
			yuan := sign + channel.FormatYuan(b.amount)
			fmt.Fprintf(&text, "%s\t,%s\t,%s     ,%s\t,%s,%s,*同学\t,%s,%s,%s\t,0.00,\n", tradeNo(b.no), b.no, kind, s.trades[b.no].Subject, at, at, yuan, yuan, b.refund)
		}
	}
	text.WriteString("#----业务明细列表结束----\n#导出时间：[" + clock(s.now()) + "]\n")
	var packed bytes.Buffer
	encoder, archive := simplifiedchinese.GBK.NewEncoder(), zip.NewWriter(&packed)
	for name, content := range map[string]string{"_业务明细.csv": text.String(), "_业务明细(汇总).csv": "#汇总\n"} {
		encodedName, err := encoder.String(s.merchant.Seller + name)
		must(t, err)
		encoded, err := encoder.String(content)
		must(t, err)
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: encodedName, NonUTF8: true, Method: zip.Deflate})
		must(t, err)
		_, err = entry.Write([]byte(encoded))
		must(t, err)
	}
	must(t, archive.Close())
	return packed.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
