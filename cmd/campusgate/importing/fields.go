package importing

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"campusgate/storage/olddatabase"
)

// fields reads the values of a row and collects what is wrong with them.
type fields struct {
	rows     []olddatabase.Row // the first is read, the others are shown with it
	location *time.Location
	problems []string // why the row cannot be kept
	remarks  []string // what of it is not kept as it was
}

func (f *fields) wrong(column, format string, args ...any) {
	f.problems = append(f.problems, column+": "+fmt.Sprintf(format, args...))
}

func (f *fields) remark(column, format string, args ...any) {
	f.remarks = append(f.remarks, column+": "+fmt.Sprintf(format, args...))
}

// text is one of at most so many bytes, as our columns hold; NULL is "".
func (f *fields) text(column string, max int) string {
	value := f.rows[0].Value(column)
	switch {
	case value == nil:
		return ""
	case !utf8.ValidString(*value) || strings.ContainsRune(*value, 0):
		f.wrong(column, "it is not UTF-8 without NUL")
	case len(*value) > max:
		f.wrong(column, "it has %d bytes, and %d can be kept", len(*value), max)
	}
	return *value
}

// optional is a text that may be unset: NULL, or the None that the old server wrote for it.
func (f *fields) optional(column string, max int) string {
	text := f.text(column, max)
	if text == "None" {
		return ""
	}
	return text
}

// needed is a text that may not be unset.
func (f *fields) needed(column string, max int) string {
	text := f.optional(column, max)
	if text == "" {
		f.wrong(column, "it is missing")
	}
	return text
}

// number is one between min and max; NULL is 0.
func (f *fields) number(column string, min, max int64) int64 {
	value := f.rows[0].Value(column)
	text := "0"
	if value != nil {
		text = wholeNumber(*value)
	}
	number, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		f.wrong(column, "it is no whole number")
	case err != nil || number < min || number > max:
		f.wrong(column, "it must be %d to %d", min, max)
	}
	return number
}

// id is a number from 1 on.
func (f *fields) id(column string, max int64) int64 {
	if f.rows[0].Value(column) == nil {
		f.wrong(column, "it is missing")
		return 0
	}
	return f.number(column, 1, max)
}

// count is a number of things that were counted; one below 0 is taken for 0.
func (f *fields) count(column string, max int64) int64 {
	number := f.number(column, -max-1, max)
	if number < 0 {
		f.remark(column, "%d is kept as 0", number)
		return 0
	}
	return number
}

// wholeNumber is a number without a fraction of zeros, as a numeric column may write it.
func wholeNumber(text string) string {
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, "0") == "" {
		return whole
	}
	return text
}

// amount is what databases write for a number; more digits would cost memory.
var amount = regexp.MustCompile(`^[-+]?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][-+]?[0-9]{1,3})?$`)

// fen reads yuan exactly, and to the nearest fen; nil where it is NULL.
func (f *fields) fen(column string, min, max int64) *int64 {
	value := f.rows[0].Value(column)
	if value == nil {
		return nil
	}
	yuan := new(big.Rat)
	if !amount.MatchString(*value) {
		f.wrong(column, "%.40q is no amount", *value)
		return nil
	}
	yuan.SetString(*value)
	exact := yuan.Mul(yuan, big.NewRat(100, 1))
	fen, err := strconv.ParseInt(exact.FloatString(0), 10, 64)
	switch {
	case err != nil || fen < min || fen > max:
		f.wrong(column, "it must be %s to %s", yuanText(min), yuanText(max))
	case rounded(exact, fen):
		f.remark(column, "%.40s is kept as %s", *value, yuanText(fen))
	}
	return &fen
}

// rounded reports whether an amount was not of whole fen, but for what a binary fraction adds.
func rounded(exact *big.Rat, fen int64) bool {
	off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(fen))
	return off.Abs(off).Cmp(big.NewRat(1, 1_000_000)) > 0
}

// price is a fen amount that must be there, of 0 or more.
func (f *fields) price(column string, max int64) int64 {
	fen := f.fen(column, 0, max)
	if fen == nil {
		if f.rows[0].Value(column) == nil {
			f.wrong(column, "it is missing")
		}
		return 0
	}
	return *fen
}

func yuanText(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}

// timeLayouts are what the databases write; a fraction of a second may follow each. A time
// without a zone is the server's, one with a zone is what its column keeps.
var timeLayouts = []string{time.DateTime, "2006-01-02 15:04:05-07", "2006-01-02 15:04:05-07:00", time.DateOnly}

// time is in Unix seconds; unset stands for NULL and for MySQL's day 0.
func (f *fields) time(column string, unset int64) int64 {
	value := f.rows[0].Value(column)
	if value == nil || strings.HasPrefix(*value, "0000-00-00") {
		return unset
	}
	for _, layout := range timeLayouts {
		if at, err := time.ParseInLocation(layout, *value, f.location); err == nil {
			return at.Unix()
		}
	}
	f.wrong(column, "%.40q is no time", *value)
	return unset
}

// added is the time of adding a row, which all have.
func (f *fields) added(column string) int64 {
	const missing = -1 << 62
	at := f.time(column, missing)
	if at == missing {
		f.remark(column, "it is missing, and kept as the beginning of 1970")
		return 0
	}
	return at
}
