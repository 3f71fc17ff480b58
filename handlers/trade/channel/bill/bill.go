// Package bill reads the daily bills of channels: what they say that was paid and given back.
package bill

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"campusgate/handlers/trade/channel"
)

// MaxSize is how long a bill is at most, in bytes, also when it is unpacked.
const MaxSize = 256 << 20

// A Row is a payment, or a refund, of a bill.
type Row struct {
	AttemptNo string
	TradeNo   string // the channel's number of what was paid
	RefundNo  string // of a refund, "" of a payment
	Amount    int64  // fen, positive; of a refund what was asked for
	Time      time.Time
}

// Read returns the rows of a bill as a channel's page gives it: Alipay's is a ZIP file or the
// CSV file in it, in GBK; WeChat Pay's is a CSV file in UTF-8. Columns are found by their
// names. A bill that is cut off is an error, as is what is no row; errors name the line.
func Read(name string, content []byte) ([]Row, error) {
	switch name {
	case channel.Alipay:
		return readAlipay(content)
	case channel.WeChat:
		return readWeChat(content)
	}
	return nil, fmt.Errorf("bills of %q are not known: there are those of alipay and wechat", name)
}

// columns are where a bill has what is read of it.
type columns map[string]int

// find reads a header. Brackets are written in two widths.
func find(header []string, wanted ...string) (columns, error) {
	at := columns{}
	for i, name := range header {
		name = strings.NewReplacer("（", "(", "）", ")", "\t", "", " ", "").Replace(strings.TrimPrefix(name, "`"))
		if _, twice := at[name]; !twice {
			at[name] = i
		}
	}
	for _, name := range wanted {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("the bill has no column %s", name)
		}
	}
	return at, nil
}

// fit is a row of so many values: what is too many is of a good's name, which has the
// mark between two values in it.
func (c columns) fit(values []string, header int) ([]string, error) {
	name, ok := c["商品名称"]
	more := len(values) - header
	if more < 0 || more > 0 && !ok {
		return nil, fmt.Errorf("it has %d values, the header has %d", len(values), header)
	}
	return slices.Concat(values[:name+1], values[name+1+more:]), nil
}

// in is the value of a column, without what a bill puts around it.
func (c columns) in(row []string, name string) string { return strings.TrimSpace(row[c[name]]) }

// yuan is the amount of a column. A bill may write one decimal or none, and refunds negative.
func (c columns) yuan(row []string, name string) (int64, error) {
	text := strings.TrimPrefix(c.in(row, name), "-")
	fen, err := channel.ParseYuan(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return fen, nil
}

func (c columns) time(row []string, name string) (time.Time, error) {
	at, err := time.ParseInLocation(time.DateTime, c.in(row, name), channel.Beijing)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s is %.32q", name, c.in(row, name))
	}
	return at, nil
}

var errCutOff = errors.New("the bill is cut off: its summary is missing")

// lines are those of a text, without their ends and a byte order mark.
func lines(text []byte) []string {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	all := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for len(all) > 0 && strings.TrimSpace(all[len(all)-1]) == "" {
		all = all[:len(all)-1]
	}
	return all
}

func atLine(i int, err error) error { return fmt.Errorf("line %d: %w", i+1, err) }
