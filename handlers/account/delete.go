package account

import (
	"context"
	"fmt"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type deleteUser struct {
	Password string `json:"password" rule:"password" doc:"or sms_hash"`
	SMSHash  string `json:"sms_hash" doc:"in place of a password: md5(code + rand) of an SMS that went to the account's phone; used up by success"`
	GiveUp   bool   `json:"give_up" doc:"true: money that is left goes to the market"`
}

func (deleteUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Only where `accounts.own` is true. Phone, name, email, identity, addresses, notices and portrait are erased, the contact in lost-and-found notices too; all tokens end, products are taken off sale, beli are forfeited. " +
			"Orders and notices of lost and found stay, under the name 已注销. 111 while an order is not closed on either side, or there is money and `give_up` is not true. " +
			"After 10 wrong passwords within 15 minutes, here and in `user/password` together, the answer is -302 with Retry-After.",
		Example:  `{"password": "correct horse"}`,
		Statuses: []dispatch.Status{dispatch.ErrorDataKey, wrongCode, wrongLogin, leftOver, dispatch.StateChanged},
	}
}

// deletedName is the name of an account that is no more.
const deletedName = "已注销"

func (u userCalls) delete(ctx context.Context, in deleteUser) (wire.None, error) {
	if in.Password == "" && in.SMSHash == "" {
		return wire.None{}, dispatch.Fail(dispatch.ErrorDataKey, "password, sms_hash: both missing")
	}
	read, err := u.DB.Profile(ctx, dispatch.CallerFrom(ctx).User)
	switch {
	case err != nil:
		return wire.None{}, wire.DatabaseFailure(err)
	case read.Deleted():
		return wire.None{}, errDeleted
	}
	last, err := u.wantOwner(ctx, read, in)
	if err != nil {
		return wire.None{}, err
	}
	err = u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := u.lockOwnProfile(ctx, tx)
		if err != nil {
			return err
		}
		switch {
		case profile.State == storage.ProfileFrozen: // since the call began
			return dispatch.Fail(dispatch.AccountFrozen, "")
		case profile.Password != read.Password || profile.Phone != read.Phone:
			return dispatch.Fail(dispatch.StateChanged, "")
		}
		if err := u.deleteAccount(ctx, tx, profile, in.GiveUp); err != nil {
			return err
		}
		return last()
	})
	u.Forget()
	return wire.None{}, wire.KnownOrDatabase(err)
}

// wantOwner fails where nothing shows that the account's owner deletes it. last is the
// last step of the transaction.
func (u userCalls) wantOwner(ctx context.Context, read storage.Profile, in deleteUser) (last func() error, err error) {
	switch {
	case in.SMSHash == "":
		return func() error { return nil }, u.wantPassword(ctx, read, in.Password, wrongLogin)
	case read.Phone == "":
		return nil, dispatch.Fail(wrongCode, "sms_hash: the account has no phone")
	}
	code := u.smsCode(read.Phone, in.SMSHash)
	return func() error { return code.use(ctx) }, code.check(ctx)
}

// deleteAccount erases an account, whose profile is locked, and writes down what it had.
func (u userCalls) deleteAccount(ctx context.Context, tx *storage.Tx, p storage.Profile, giveUp bool) error {
	// An order that is just being made holds the row of its product: withdrawn first, either
	// the product is not on sale to it any more, or it is seen below.
	if err := u.withdraw(ctx, tx, p.UserID); err != nil {
		return err
	}
	wealth, err := wantNothingLeft(ctx, tx, p, giveUp)
	if err != nil {
		return err
	}
	had := fmt.Sprintf("wealth %s, beli %d", dispatch.Fen(wealth), p.Beli)
	err = tx.AddAudit(ctx, storage.Audit{
		Time: u.Clock.Unix(), UserID: p.UserID, Call: "user/delete", Target: "user " + p.UserID, Before: had,
	})
	if err != nil {
		return err
	}
	return inTurn(
		func() error { return tx.Move(ctx, u.forfeited(p, wealth)...) },
		func() error { return tx.EraseUser(ctx, p.UserID, deletedName) },
		func() error { return tx.UpdateProfile(ctx, u.erased(p)) },
		func() error { return tx.EraseIdentity(ctx, p.UserID) },
		func() error { return u.erase(ctx, tx, p.UserID) },
		func() error {
			return tx.AddJob(ctx, storage.Job{Kind: storage.PortraitJob, Key: p.UserID, Due: u.Clock.Unix()})
		},
		func() error {
			return tx.AddJob(ctx, storage.Job{Kind: storage.EraseJob, Key: p.UserID, Due: u.Clock.Unix() + eraseAgain})
		},
	)
}

// forfeited is what a deleted account leaves: its money to the market, and what it had of
// beli and credit to where that came from.
func (u userCalls) forfeited(p storage.Profile, wealth int64) []storage.Move {
	wallet, now := storage.UserAccount(p.UserID), u.Clock.Unix()
	return []storage.Move{
		{Kind: storage.LedgerForfeit, Currency: storage.CNY, From: wallet, To: storage.MarketAccount, Amount: wealth, Time: now},
		{Kind: storage.LedgerForfeit, Currency: storage.Beli, From: wallet, To: storage.PromotionAccount, Amount: p.Beli, Time: now},
		{Kind: storage.LedgerForfeit, Currency: storage.CNY, From: storage.CreditAccount(p.UserID), To: storage.OutsideAccount, Amount: p.CreditAmount, Time: now},
	}
}

// eraseAgain is how long after a deletion no call of the account can be running any more,
// and no replica remembers a token of it, in seconds: auth.cache_ttl is at most a minute,
// and the rest is far above the time-outs of a server.
const eraseAgain = 10 * 60

// erase takes away what calls write for a user. Some look at the token alone, and may run
// while the account is deleted, or for a moment afterwards: so it is done again then.
func (u userCalls) erase(ctx context.Context, tx *storage.Tx, user string) error {
	return inTurn(
		func() error { return tx.DeleteAddresses(ctx, user) },
		func() error { return tx.DeleteNotices(ctx, user) },
		func() error { return tx.DropJobs(ctx, storage.MailCodeJob, user+" ") },
		func() error { return tx.EraseContact(ctx, user, deletedName) },
		func() error { return u.withdraw(ctx, tx, user) },
		func() error { return tx.EraseFavourites(ctx, user) },
		func() error { return tx.EraseCart(ctx, user) },
		func() error { return tx.EraseCourses(ctx, user) },
		func() error { return tx.EraseProductReports(ctx, user) },
		func() error { return endSessions(ctx, tx, user, "") },
	)
}

// eraseLate is the job that erases what was written meanwhile, and cancels orders that
// were made meanwhile: nobody could pay or deliver them.
func (u userCalls) eraseLate(ctx context.Context, job storage.Job) error {
	return u.DB.InTx(ctx, func(tx *storage.Tx) error {
		profile, err := tx.LockProfile(ctx, job.Key, u.Clock.Unix())
		if err != nil || !profile.Deleted() {
			return err
		}
		if err := u.erase(ctx, tx, job.Key); err != nil {
			return err
		}
		return tx.CancelOpenPurchases(ctx, job.Key)
	})
}

// inTurn takes steps until one fails.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// wantNothingLeft fails with 111 where an account, whose profile is locked, has orders that
// are not closed, a debt, or money that it does not give up. It returns that money, which stays so.
func wantNothingLeft(ctx context.Context, tx *storage.Tx, p storage.Profile, giveUp bool) (wealth int64, err error) {
	if wealth, err = tx.LockWealth(ctx, p.UserID); err != nil {
		return 0, err
	}
	open, err := tx.HasOpenPurchases(ctx, p.UserID)
	if err == nil && !open {
		open, err = tx.HasOpenOrders(ctx, p.UserID)
	}
	switch {
	case err != nil:
		return 0, err
	case open:
		return 0, dispatch.Fail(leftOver, "an order is not closed")
	case wealth < 0, p.CreditDebt > 0:
		return 0, dispatch.Fail(leftOver, "a debt is not paid")
	case wealth > 0 && !giveUp:
		return 0, dispatch.Fail(leftOver, "give_up: must be true, as there is money in the wallet")
	}
	return wealth, nil
}

// erased is what stays of a profile: by the hash of its phone an account that is frozen
// later is known again.
func (u userCalls) erased(p storage.Profile) storage.Profile {
	return storage.Profile{
		UserID: p.UserID, Name: deletedName, State: storage.ProfileDeleted,
		VerifyState: p.VerifyState, PhoneHash: u.phoneHash(p.Phone),
	}
}

// phoneHash is the keyed hash of a phone; nil is that of none, or without a secret.
func (u userCalls) phoneHash(phone string) []byte {
	if u.Keyring == nil || phone == "" {
		return nil
	}
	return u.Keyring.Hash(hashedPhone, phone)
}

// withdraw takes all that a user sells off sale.
func (u userCalls) withdraw(ctx context.Context, tx *storage.Tx, user string) error {
	shops, err := tx.Shops(ctx, storage.ShopFilter{UserID: user}, nil, storage.Page{})
	if err != nil {
		return err
	}
	for _, shop := range shops {
		if err := tx.WithdrawProducts(ctx, shop.ShopID, u.Clock.Unix()); err != nil {
			return err
		}
	}
	return tx.WithdrawSecondHand(ctx, user, u.Clock.Unix())
}
