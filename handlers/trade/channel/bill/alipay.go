package bill

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// readAlipay reads a trade bill: comments, a header, rows, comments. Values end in tabs or
// blanks, and have no quotes around them: one in a name is part of it.
func readAlipay(content []byte) ([]Row, error) {
	if bytes.HasPrefix(content, []byte("PK")) {
		var err error
		if content, err = unpack(content); err != nil {
			return nil, err
		}
	}
	text, err := toUTF8(content)
	if err != nil {
		return nil, err
	}
	all := lines(text)
	begin := slices.IndexFunc(all, func(line string) bool { return !strings.HasPrefix(line, "#") })
	if begin < 1 || !strings.HasPrefix(all[len(all)-1], "#") {
		return nil, errCutOff
	}
	header := strings.Split(all[begin], ",")
	at, err := find(header, "支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额(元)", "退款批次号/请求号")
	if err != nil {
		return nil, err
	}
	var rows []Row
	for i, line := range all[begin+1:] {
		if strings.HasPrefix(line, "#") {
			break
		}
		values, err := at.fit(strings.Split(line, ","), len(header))
		var row Row
		if err == nil {
			row, err = at.alipay(values)
		}
		if err != nil {
			return nil, atLine(begin+1+i, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c columns) alipay(values []string) (row Row, err error) {
	row = Row{AttemptNo: c.in(values, "商户订单号"), TradeNo: c.in(values, "支付宝交易号")}
	if row.Time, err = c.time(values, "完成时间"); err != nil {
		return row, err
	}
	switch kind := c.in(values, "业务类型"); kind {
	case "交易":
	case "退款":
		if row.RefundNo = c.in(values, "退款批次号/请求号"); row.RefundNo == "" {
			return row, errors.New("a refund has no 退款批次号/请求号")
		}
	default:
		return row, fmt.Errorf("业务类型 is %.32q", kind)
	}
	row.Amount, err = c.yuan(values, "订单金额(元)")
	return row, err
}

// unpack is the file of all transactions: beside it there is a summary (汇总).
func unpack(content []byte) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	var found *zip.File
	for _, file := range archive.File {
		name, err := toUTF8([]byte(file.Name))
		if err != nil || !strings.HasSuffix(string(name), ".csv") || strings.Contains(string(name), "汇总") {
			continue
		}
		if found != nil {
			return nil, errors.New("the ZIP file has several bills")
		}
		found = file
	}
	if found == nil {
		return nil, errors.New("the ZIP file has no 业务明细")
	}
	file, err := found.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, MaxSize+1))
	if err == nil && len(text) > MaxSize {
		err = fmt.Errorf("the bill is longer than %d bytes", MaxSize)
	}
	return text, err
}

// toUTF8 is a text that is in UTF-8 or GBK.
func toUTF8(text []byte) ([]byte, error) {
	if utf8.Valid(text) {
		return text, nil
	}
	return simplifiedchinese.GB18030.NewDecoder().Bytes(text)
}
