package account

import (
	"context"
	"errors"
	"strconv"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

type registerUser struct {
	Phone    string `json:"phone" rule:"required max=32" doc:"a mobile number of mainland China"`
	SMSHash  string `json:"sms_hash" rule:"required" doc:"md5(code + rand) of an SMS that went to this phone; used up by success"`
	Password string `json:"password" rule:"required password" doc:"8 to 64 characters, not the phone, not the name and not one of the most used"`
	UserName string `json:"user_name" rule:"required" doc:"2 to 20 letters (of any script), digits, _ and -; unique without regard to the case of A-Z"`
}

type registeredUser struct {
	UserID int64 `json:"user_id" doc:"12 digits"`
	session
}

func (registerUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Only where `accounts.own` is true. The token is for the new account; `user/login` gives others. The beli of a new account are given to each phone once, also where its account was deleted.",
		Example:  `{"phone": "13700000000", "sms_hash": "900150983cd24fb0d6963f7d28e17f72", "password": "correct horse", "user_name": "小码三"}`,
		Statuses: []dispatch.Status{phoneRegistered, userNameUsed, wrongCode, passwordNotAllowed, dispatch.ContentRefused},
	}
}

func (u userCalls) register(ctx context.Context, in registerUser) (registeredUser, error) {
	if err := checkPhone(in.Phone); err != nil {
		return registeredUser{}, err
	}
	if err := u.checkUserName(&in.UserName); err != nil {
		return registeredUser{}, err
	}
	code := u.smsCode(in.Phone, in.SMSHash)
	if err := code.check(ctx); err != nil {
		return registeredUser{}, err
	}
	hash, err := hashPassword(ctx, "password", in.Password, in.Phone, in.UserName)
	if err != nil {
		return registeredUser{}, err
	}
	profile := storage.Profile{
		Name: in.UserName, NameKey: storage.NameKey(in.UserName), Phone: in.Phone, Password: hash,
		Beli: u.Settings.BeliNewUser, CreatTime: u.Clock.Unix(),
	}
	var begun session
	err = wire.WithFreshID(func() error {
		profile.UserID = strconv.FormatInt(wire.RandomID(userIDDigits), 10)
		return u.DB.InTx(ctx, func(tx *storage.Tx) (err error) {
			begun, err = u.insertAccount(ctx, tx, profile)
			if err != nil {
				return err
			}
			return code.use(ctx)
		})
	})
	return registeredUser{wire.UserNumber(profile.UserID), begun}, err
}

// userIDDigits are those of accounts of our own: student numbers have ten.
const userIDDigits = 12

// insertAccount makes an account and its first session. ErrConflict is a name or a phone
// that came first a moment ago, or an id that is taken: the next attempt tells which.
func (u userCalls) insertAccount(ctx context.Context, tx *storage.Tx, p storage.Profile) (session, error) {
	if err := wantFree(ctx, tx, p.Phone, p.NameKey); err != nil {
		return session{}, err
	}
	if err := tx.InsertUser(ctx, storage.User{ID: p.UserID, Name: p.Name}); err != nil {
		return session{}, err
	}
	if err := u.frozenFromTheStart(ctx, tx, &p); err != nil {
		return session{}, err
	}
	if err := welcomeOnce(ctx, tx, &p); err != nil {
		return session{}, err
	}
	if err := tx.InsertProfile(ctx, p); err != nil {
		return session{}, err
	}
	if err := welcome(ctx, tx, p); err != nil {
		return session{}, err
	}
	return u.beginSession(ctx, tx, p.UserID)
}

// welcomeOnce takes the welcome from a new account whose phone has had it: what one buys with
// beli the market pays, and whoever deletes an account may register again.
func welcomeOnce(ctx context.Context, tx *storage.Tx, p *storage.Profile) error {
	if p.Beli == 0 || p.PhoneHash == nil {
		return nil
	}
	err := tx.InsertWelcome(ctx, p.PhoneHash)
	if errors.Is(err, storage.ErrConflict) {
		p.Beli = 0
		return nil
	}
	return err
}

// wantFree fails with 100 or 101 where a phone or a name is an account's; "" is nobody's.
func wantFree(ctx context.Context, tx *storage.Tx, phone, nameKey string) error {
	for _, c := range []struct {
		value  string
		find   func(context.Context, string) (storage.Profile, error)
		status dispatch.Status
		detail string
	}{
		{phone, tx.ProfileOfPhone, phoneRegistered, "phone: belongs to another account"},
		{nameKey, tx.ProfileOfName, userNameUsed, "user_name: belongs to another account"},
	} {
		if c.value == "" {
			continue
		}
		_, err := c.find(ctx, c.value)
		switch {
		case err == nil:
			return dispatch.Fail(c.status, c.detail)
		case !errors.Is(err, storage.ErrNotFound):
			return err
		}
	}
	return nil
}
