package bill

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// readWeChat reads a tradebill: a header, rows whose values begin with a backquote, then the
// header and the row of the summary. A refund's row is of the day on which it was accepted,
// and never changed.
func readWeChat(content []byte) ([]Row, error) {
	all := lines(content)
	if len(all) < 3 || !strings.HasPrefix(all[len(all)-1], "`") || strings.HasPrefix(all[len(all)-2], "`") {
		return nil, errCutOff
	}
	at, err := find(strings.Split(all[0], ","), "交易时间", "微信订单号", "商户订单号", "交易状态", "商户退款单号", "订单金额", "申请退款金额")
	if err != nil {
		return nil, err
	}
	header := len(strings.Split(all[0], ","))
	rows := make([]Row, 0, len(all)-3)
	for i, line := range all[1 : len(all)-2] {
		values, ok := backquoted(line)
		if !ok {
			return nil, atLine(i+1, errors.New("it is no row of values with backquotes before them"))
		}
		values, err := at.fit(values, header)
		var row Row
		if err == nil {
			row, err = at.wechat(values)
		}
		if err != nil {
			return nil, atLine(i+1, err)
		}
		rows = append(rows, row)
	}
	summary, _ := backquoted(all[len(all)-1])
	if count, err := strconv.Atoi(strings.TrimSpace(summary[0])); err != nil || count != len(rows) {
		return nil, fmt.Errorf("the bill has %d rows, its summary says %.32q", len(rows), summary[0])
	}
	return rows, nil
}

// backquoted are the values of a line. One may have a comma.
func backquoted(line string) (values []string, ok bool) {
	rest, ok := strings.CutPrefix(line, "`")
	return strings.Split(rest, ",`"), ok
}

func (c columns) wechat(values []string) (row Row, err error) {
	row = Row{AttemptNo: c.in(values, "商户订单号"), TradeNo: c.in(values, "微信订单号")}
	if row.Time, err = c.time(values, "交易时间"); err != nil {
		return row, err
	}
	amount := "订单金额"
	switch state := c.in(values, "交易状态"); state {
	case "SUCCESS":
	case "REFUND", "REVOKED":
		amount = "申请退款金额"
		if row.RefundNo = c.in(values, "商户退款单号"); row.RefundNo == "" || row.RefundNo == "0" {
			return row, errors.New("a refund has no 商户退款单号")
		}
	default:
		return row, fmt.Errorf("交易状态 is %.32q", state)
	}
	row.Amount, err = c.yuan(values, amount)
	return row, err
}
