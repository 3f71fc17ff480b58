package bill

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"campusgate/handlers/trade/channel"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func gbk(t testing.TB, text []byte) []byte {
	t.Helper()
	encoded, err := simplifiedchinese.GBK.NewEncoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// zipped is a ZIP file as Alipay makes it, with the names of its entries in GBK.
func zipped(t testing.TB, entries map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range entries {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: string(gbk(t, []byte(name))), NonUTF8: true, Method: zip.Deflate})
		if err == nil {
			_, err = entry.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func at(clock string) time.Time {
	found, err := time.ParseInLocation(time.DateTime, clock, channel.Beijing)
	if err != nil {
		panic(err)
	}
	return found
}

var (
	alipayRows = []Row{
		{"2026112609580001701", "2026112622001400990500000001", "", 88_80, at("2026-11-26 10:00:42")},
		{"2026112609580001801", "2026112622001400990500000002", "", 1_00, at("2026-11-26 11:00:00")},
		{"2026112609580001701", "2026112622001400990500000001", "2026112609580001701R1N1", 8_80, at("2026-11-26 12:30:00")},
	}
	wechatRows = []Row{
		{"2026112609580001901", "4200000000202611260000000001", "", 88_80, at("2026-11-26 09:59:50")},
		{"2026112609580001901", "4200000000202611260000000001", "2026112609580001901R1N1", 8_80, at("2026-11-26 12:00:00")},
	}
)

// Bills are read in all the forms in which they come.
func TestRead(t *testing.T) {
	t.Parallel()
	alipay, wechat := read(t, "alipay.csv"), read(t, "wechat.csv")
	for _, b := range []struct {
		name, channel string
		content       []byte
		want          []Row
	}{
		{"ZIP", channel.Alipay, zipped(t, map[string][]byte{"20887_20261126_业务明细.csv": gbk(t, alipay), "20887_20261126_业务明细(汇总).csv": gbk(t, []byte("#汇总"))}), alipayRows},
		{"GBK", channel.Alipay, gbk(t, alipay), alipayRows},
		{"UTF-8, as a spreadsheet saves it", channel.Alipay, append([]byte("\ufeff"), bytes.ReplaceAll(alipay, []byte("\n"), []byte("\r\n"))...), alipayRows},
		{"narrow brackets", channel.Alipay, []byte(strings.NewReplacer("（", "(", "）", ")").Replace(string(alipay))), alipayRows},
		{"a name with quotes", channel.Alipay, []byte(strings.ReplaceAll(string(alipay), ",教材,", `,"教"材,"`)), alipayRows},
		{"a name with backquotes", channel.WeChat, []byte(strings.ReplaceAll(string(wechat), "`教材,", "`教材,`,`")), wechatRows},
		{"WeChat Pay's", channel.WeChat, append([]byte("\ufeff"), bytes.ReplaceAll(wechat, []byte("\n"), []byte("\r\n"))...), wechatRows},
		{"WeChat Pay's, with line feeds alone", channel.WeChat, wechat, wechatRows},
	} {
		got, err := Read(b.channel, b.content)
		if diff := cmp.Diff(b.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", b.name, err, diff)
		}
	}
}

// What is cut off, changed, or another file, is refused, and where is said.
func TestRefuse(t *testing.T) {
	t.Parallel()
	alipay, wechat := string(read(t, "alipay.csv")), string(read(t, "wechat.csv"))
	cut := func(text string, lines int) string {
		all := strings.SplitAfter(text, "\n")
		return strings.Join(all[:len(all)-1-lines], "")
	}
	for _, b := range []struct{ name, channel, content, want string }{
		{"no file", channel.Alipay, "", errCutOff.Error()},
		{"no file", channel.WeChat, "", errCutOff.Error()},
		{"cut off", channel.Alipay, cut(alipay, 4), errCutOff.Error()},
		{"cut off", channel.WeChat, cut(wechat, 1), errCutOff.Error()},
		{"a lost row", channel.WeChat, strings.Replace(wechat, strings.Split(wechat, "\n")[2]+"\n", "", 1), `the bill has 1 rows, its summary says "2"`},
		{"the other's", channel.Alipay, wechat, errCutOff.Error()},
		{"the other's", channel.WeChat, alipay, errCutOff.Error()},
		{"another header", channel.Alipay, strings.Replace(alipay, "商户订单号", "订单号", 1), "the bill has no column 商户订单号"},
		{"another header", channel.WeChat, strings.Replace(wechat, "申请退款金额", "退款", 1), "the bill has no column 申请退款金额"},
		{"another kind", channel.Alipay, strings.Replace(alipay, ",退款 ", ",转账 ", 1), `line 8: 业务类型 is "转账"`},
		{"another state", channel.WeChat, strings.Replace(wechat, "`SUCCESS", "`NOTPAY", 1), `line 2: 交易状态 is "NOTPAY"`},
		{"an amount", channel.Alipay, strings.Replace(alipay, "88.80", "8e1", 1), `line 6: 订单金额(元): `},
		{"an amount", channel.WeChat, strings.ReplaceAll(wechat, "`88.80", "`88.805"), `line 2: 订单金额: `},
		{"a time", channel.WeChat, strings.Replace(wechat, "09:59:50", "9:59", 1), `line 2: 交易时间 is "2026-11-26 9:59"`},
		{"too few values", channel.Alipay, strings.Replace(alipay, "1.00,", "", 1), "line 7: it has "},
		{"too few values", channel.WeChat, strings.Replace(wechat, "`0,`,", "`0,", 1), "line 2: it has "},
		{"a row without backquotes", channel.WeChat, strings.Replace(wechat, "\n`2026-11-26 09", "\n2026-11-26 09", 1), "line 2: it is no row of values"},
		{"a refund without a number", channel.Alipay, strings.Replace(alipay, "2026112609580001701R1N1", "", 1), "line 8: a refund has no 退款批次号/请求号"},
		{"no channel's", channel.Pingpp, wechat, `bills of "pingpp" are not known: there are those of alipay and wechat`},
		{"no ZIP", channel.Alipay, "PK\x03\x04", "zip: not a valid zip file"},
		{"an empty ZIP", channel.Alipay, string(zipped(t, map[string][]byte{"a_业务明细(汇总).csv": nil})), "the ZIP file has no 业务明细"},
		{"two bills", channel.Alipay, string(zipped(t, map[string][]byte{"a.csv": nil, "b.csv": nil})), "the ZIP file has several bills"},
	} {
		if rows, err := Read(b.channel, []byte(b.content)); err == nil || !strings.HasPrefix(err.Error(), b.want) {
			t.Errorf("%s of %s: %v, %v; want %s", b.name, b.channel, rows, err, b.want)
		}
	}
}

// No file breaks it, and what it reads is whole.
func FuzzRead(f *testing.F) {
	f.Add(read(f, "alipay.csv"))
	f.Add(read(f, "wechat.csv"))
	f.Add(zipped(f, map[string][]byte{"a_业务明细.csv": gbk(f, read(f, "alipay.csv"))}))
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, name := range []string{channel.Alipay, channel.WeChat} {
			rows, err := Read(name, content)
			for _, row := range rows {
				if err != nil || row.Amount < 0 || row.Time.IsZero() {
					t.Errorf("%s: %s, %v", name, fmt.Sprint(row), err)
				}
			}
		}
	})
}
