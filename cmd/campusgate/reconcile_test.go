package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/handlers/trade/channel"
	"campusgate/storage"
)

const billHeader = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n"

// billRow is a row of WeChat Pay: a refund where it has a number.
func billRow(attempt, trade, refund, amount string) string {
	state, paid, back := "SUCCESS", amount, "0.00"
	if refund != "" {
		state, paid, back = "REFUND", "0.00", amount
	}
	return "`2026-11-26 12:00:00,`wx,`19,`0,`,`" + trade + ",`" + attempt + ",`o,`NATIVE,`" + state + ",`OTHERS,`CNY,`0.00,`0.00,`0,`" + refund +
		",`0.00,`0.00,`,`,`茶,`,`0.0,`0.60%,`" + paid + ",`" + back + ",`\n"
}

func billOf(t *testing.T, rows ...string) string {
	t.Helper()
	return writeFile(t, "bill.csv", billHeader+strings.Join(rows, "")+"总交易单数,应结订单总金额\n`"+string(rune('0'+len(rows)))+",`0.00\n")
}

// A bill is held against what is stored: each difference is a line, and all together an exit
// status. Nothing is corrected.
func TestReconcile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	runCommand(t, environ, "migrate").Want(t, exitOK)
	db := campusgatetest.OpenEmbedded(t, folder)
	noon := time.Date(2026, 11, 26, 12, 0, 0, 0, channel.Beijing).Unix()
	const day = 86400
	must(t, db.InTx(t.Context(), func(tx *storage.Tx) error {
		for _, a := range []struct {
			id, channel, state, trade string
			amount, creat, end        int64
		}{
			{"101", "wechat", storage.AttemptPaid, "T101", 10_00, noon, noon + 60},
			{"102", "wechat", storage.AttemptLate, "T102", 20_00, noon, noon + 60},
			{"103", "alipay", storage.AttemptPaid, "T103", 30_00, noon, noon + 60},
			{"104", "wechat", storage.AttemptClosed, "", 40_00, noon, noon + 60},
			{"105", "wechat", storage.AttemptPaid, "T105", 50_00, noon - day, noon - 11*3600},
			{"106", "wechat", storage.AttemptPaid, "T106", 60_00, noon + day, noon + day},
		} {
			if err := tx.InsertAttempt(t.Context(), storage.Attempt{AttemptID: a.id, PayID: "1", Channel: a.channel, Amount: a.amount, CreatTime: a.creat}); err != nil {
				return err
			}
			if err := tx.EndAttempt(t.Context(), a.id, a.state, a.trade, a.end); err != nil {
				return err
			}
		}
		for _, r := range []struct {
			no, attempt, state string
			amount             int64
		}{{"R1", "101", storage.ChannelRefundDone, 5_00}, {"R2", "102", storage.ChannelRefundTaken, 6_00}, {"R3", "103", storage.ChannelRefundDone, 7_00}, {"R4", "101", storage.ChannelRefundSettled, 1_00}} {
			if err := tx.InsertChannelRefund(t.Context(), storage.ChannelRefund{RefundNo: r.no, AttemptID: r.attempt, Amount: r.amount, CreatTime: noon}); err != nil {
				return err
			}
			if err := tx.EndChannelRefund(t.Context(), r.no, storage.ChannelRefundWaiting, r.state, noon+90); err != nil {
				return err
			}
		}
		return nil
	}))
	good := []string{billRow("101", "T101", "", "10.00"), billRow("102", "T102", "", "20"), billRow("101", "T101", "R1", "5.00"), strings.Replace(billRow("102", "T102", "R2", "6.0"), "11-26", "11-24", 1)} // the last with the time of its payment
	before := "look in the bill of the day before: payment T105 of 50.00 yuan, number 105\n"
	for name, b := range map[string]struct {
		rows []string
		want string
	}{
		"equal": {good, before + "wechat: 2 payments of 30.00 yuan, 2 refunds of 11.00 yuan in the bill: ok\n"},
		"missing there": {
			[]string{good[0], good[2]},
			before + "MISSING THERE: payment T102 of 20.00 yuan, number 102\nMISSING THERE: refund R2 of 6.00 yuan, number 102\n" +
				"wechat: 1 payments of 10.00 yuan, 1 refunds of 5.00 yuan in the bill: 2 differ\n",
		},
		"missing here": {
			append([]string{billRow("109", "T109", "", "0.01"), billRow("103", "T103", "", "30.00"), billRow("104", "T104", "", "40.00"), billRow("101", "T101", "R9", "1.00")}, good...),
			"MISSING HERE: payment T109 of 0.01 yuan, number 109\nMISSING HERE: payment T103 of 30.00 yuan, number 103\n" +
				"MISSING HERE: payment T104 of 40.00 yuan, number 104: the attempt is closed\nMISSING HERE: refund R9 of 1.00 yuan, payment T101\n" +
				before + "wechat: 5 payments of 100.01 yuan, 3 refunds of 12.00 yuan in the bill: 4 differ\n",
		},
		"other": {
			[]string{billRow("101", "T101", "", "10.01"), billRow("102", "T100", "", "20.00"), billRow("101", "T101", "R1", "4.99"), good[3], good[3], billRow("101", "T101", "R4", "1.00")},
			"OTHER AMOUNT: payment T101 of 10.01 yuan, number 101: here it is 10.00\nOTHER NUMBER: payment T100 of 20.00 yuan, number 102: here it is T102\n" +
				"OTHER AMOUNT: refund R1 of 4.99 yuan, payment T101: here it is 5.00\nTWICE IN THE BILL: refund R2 of 6.00 yuan, payment T102\n" +
				"TWICE GIVEN BACK: refund R4 of 1.00 yuan, payment T101: an admin has given it to the wallet\n" +
				before + "wechat: 2 payments of 30.01 yuan, 3 refunds of 11.99 yuan in the bill: 5 differ\n",
		},
	} {
		status := exitFailed
		if name == "equal" {
			status = exitOK
		}
		got := runCommand(t, environ, "reconcile", "--channel", "wechat", "--date", "2026-11-26", "--file", billOf(t, b.rows...)).Want(t, status)
		if got.Stdout != b.want {
			t.Errorf("%s:\n%swant\n%s", name, got.Stdout, b.want)
		}
		if status == exitFailed && got.Stderr != "campusgate: reconcile: the bill and the database differ\n" {
			t.Errorf("%s: %s", name, got.Stderr)
		}
	}
}

// What is wrong with a call or a file is said in a line.
func TestReconcileRefuses(t *testing.T) {
	t.Parallel()
	environ := campusgatetest.Embedded(t.TempDir())
	file := billOf(t, billRow("101", "T101", "", "10.00"))
	refund := billOf(t, billRow("101", "T101", "R1", "10.00"))
	for _, r := range []struct {
		channel, date, file string
		status              int
		want                string
	}{
		{"pingpp", "2026-11-26", file, exitUsage, "--channel must be alipay or wechat"},
		{"wechat", "26.11.2026", file, exitUsage, "--date must be a day such as 2026-11-26"},
		{"wechat", "2026-11-26", "", exitUsage, "--file must name the bill"},
		{"wechat", "2026-11-27", file, exitFailed, file + ": has what was on 2026-11-26"},
		{"wechat", "2026-11-25", refund, exitFailed, refund + ": has what was on 2026-11-26"},
		{"alipay", "2026-11-26", file, exitFailed, file + ": the bill is cut off: its summary is missing"},
		{"wechat", "2026-11-26", filepath.Join(t.TempDir(), "none.csv"), exitFailed, "none.csv: no such file or directory"},
		{"wechat", "2026-11-26", file, exitFailed, "database.dsn"},
	} {
		got := runCommand(t, environ, "reconcile", "--channel", r.channel, "--date", r.date, "--file", r.file).Want(t, r.status)
		if !strings.Contains(got.Stderr, r.want) || got.Stdout != "" {
			t.Errorf("%+v: %s%s", r, got.Stdout, got.Stderr)
		}
	}
}
