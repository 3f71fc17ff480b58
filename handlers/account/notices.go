package account

import (
	"context"
	"fmt"
	"time"

	"campusgate/storage"
)

// welcome tells a new account what it has.
func welcome(ctx context.Context, tx *storage.Tx, p storage.Profile) error {
	content := "欢迎使用校园平台。"
	if p.Beli > 0 {
		content += fmt.Sprintf("送您 %d 贝里，下单时每 10 贝里抵 1 元。", p.Beli)
	}
	return tx.AddNotice(ctx, storage.Notice{
		UserID: p.UserID, Key: "welcome", Kind: "welcome", Title: "注册成功", Content: content, CreatTime: p.CreatTime,
	})
}

// frozenNotice tells an account's owner that it was frozen, or is no longer.
func frozenNotice(user string, in freezeUser, now time.Time) storage.Notice {
	title, content := "账号已恢复", "您的账号已恢复正常。"
	if in.State == 1 {
		title, content = "账号已冻结", "您的账号已被管理员冻结，只能查看、支付欠款和处理未完成的订单。"
	}
	if in.Note != "" {
		content += "说明：" + in.Note
	}
	return storage.Notice{
		UserID: user, Key: fmt.Sprintf("freeze %d %d", in.State, now.UnixNano()), Kind: "account",
		Title: title, Content: content, CreatTime: now.Unix(),
	}
}

// reviewedNotice tells an account's owner how the identity was reviewed.
func reviewedNotice(p storage.Profile, now time.Time) storage.Notice {
	title, content := "实名认证未通过", "您的实名认证未通过，可以重新提交。"
	if p.VerifyState == storage.IdentityPassed {
		title, content = "实名认证已通过", "您的实名认证已通过。"
	}
	if p.VerifyNote != "" {
		content += "说明：" + p.VerifyNote
	}
	return storage.Notice{
		UserID: p.UserID, Key: fmt.Sprintf("review %d", now.UnixNano()), Kind: "account",
		Title: title, Content: content, CreatTime: now.Unix(),
	}
}
