package account

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"campusgate/dispatch"
	"campusgate/handlers/account/password"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
	"campusgate/storage/captchas"
)

// userCalls are those of an account by itself and by admins.
type userCalls struct{ Deps }

// maxSessions is how many tokens an account has at once.
const maxSessions = 10

// The forms of what an account is logged in with.
var (
	mobilePhone  = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	userNameForm = regexp.MustCompile(`^[\p{L}\p{Nl}\p{Nd}_-]{2,20}$`)
)

// checkPhone refuses what no SMS could reach.
func checkPhone(phone string) error {
	if !mobilePhone.MatchString(phone) {
		return dispatch.Fail(dispatch.ValueError, "phone: must be a mobile number of mainland China")
	}
	return nil
}

// reservedNames are taken for what they say.
var reservedNames = []string{deletedName, "管理员", "系统管理员", "admin", "administrator"}

// checkUserName composes a name, as media does with those of pictures, and refuses what
// is none, or would be taken for another's.
func (u userCalls) checkUserName(name *string) error {
	*name = norm.NFC.String(*name)
	switch {
	case !userNameForm.MatchString(*name), strings.ContainsFunc(*name, isInvisible):
		return dispatch.Fail(dispatch.ValueError, "user_name: must be 2 to 20 letters, digits, _ or -")
	case mobilePhone.MatchString(*name):
		return dispatch.Fail(dispatch.ValueError, "user_name: must not be a phone number")
	case slices.Contains(reservedNames, storage.NameKey(*name)):
		return dispatch.Fail(userNameUsed, "user_name: is reserved")
	}
	return u.Words.Check(words.Text{Key: "user_name", Value: *name})
}

// nameKeyOf is the key of a name, "" for none.
func nameKeyOf(name *string) string {
	if name == nil {
		return ""
	}
	return storage.NameKey(*name)
}

// isInvisible reports whether a letter is one that nobody sees, such as the filler of
// Hangul.
func isInvisible(r rune) bool { return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) }

// A session is what the owner of a fresh token is told.
type session struct {
	Token      string `json:"token" doc:"for the token parameter of other calls; shown once"`
	ExpireTime string `json:"expire_time" doc:"if it is not used before; every use moves it on, to 90 days at most"`
}

// beginSession gives a user a token. The user's profile is locked or new.
func (u userCalls) beginSession(ctx context.Context, tx *storage.Tx, user string) (session, error) {
	token, now := newSessionToken(), u.Clock.Now()
	hash := tokenHash(token)
	err := tx.InsertSession(ctx, storage.Session{
		TokenHash: hash[:], UserID: user, CreatTime: now.Unix(), UsedTime: now.Unix(),
	}, maxSessions)
	return session{token, u.Clock.Text(now.Add(u.Settings.TokenTTL).Unix())}, err
}

// endSessions ends all tokens of a user but the one given, "" being none.
func endSessions(ctx context.Context, tx *storage.Tx, user, spared string) error {
	var hash []byte
	if isSessionToken(spared) {
		sum := tokenHash(spared)
		hash = sum[:]
	}
	if err := tx.DeleteSessions(ctx, user, hash); err != nil {
		return err
	}
	return tx.DeleteTokens(ctx, user, spared)
}

// A sentCode is a code that somebody says was sent to a phone or by mail.
type sentCode struct {
	guesses  wire.Guesses
	kind     captchas.Kind
	to, hash string
	detail   string // of a wrong one
	used     bool
}

// check fails with 102 where the hash is not that of a code that was sent there.
func (c *sentCode) check(ctx context.Context) error { return c.look(ctx, false) }

// use is check, and uses the code up: of concurrent calls with one code exactly one
// goes on. It is the last step of a transaction, and of one that begins again the code
// is used already.
func (c *sentCode) use(ctx context.Context) error {
	if c.used {
		return nil
	}
	err := c.look(ctx, true)
	c.used = err == nil
	return err
}

func (c *sentCode) look(ctx context.Context, consume bool) error {
	right, err := c.guesses.CheckSent(ctx, captchas.Query{Hash: c.hash, Kind: c.kind, Phone: c.to, Consume: consume})
	switch {
	case err != nil:
		return wire.CaptchaFailure(err)
	case !right:
		return dispatch.Fail(wrongCode, c.detail)
	}
	return nil
}

func (u userCalls) smsCode(phone, hash string) *sentCode {
	return &sentCode{guesses: u.Guesses, kind: captchas.Message, to: phone, hash: hash, detail: "sms_hash: unknown, expired, or of another phone"}
}

// hashPassword hashes a new password that the rules allow.
func hashPassword(ctx context.Context, key, chosen, phone, name string) (string, error) {
	if !password.Allowed(chosen, phone, name) {
		return "", dispatch.Fail(passwordNotAllowed, key+": must be 8 to 64 characters, not the phone, not the name and not one of the most used")
	}
	hash, err := password.Hash(ctx, chosen)
	return hash, busy(err)
}

// verifyPassword reports whether a password is that of a hash, and whether the hash is to
// be renewed. before runs in the password's turn, and may refuse it.
func verifyPassword(ctx context.Context, hash, tried string, before func() error) (right, weaker bool, err error) {
	right, weaker, err = password.Verify(ctx, hash, tried, before)
	return right, weaker, busy(err)
}

// busy is what a client sees whose password's turn to be hashed has not come in time.
func busy(err error) error {
	var known *dispatch.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return dispatch.Fail(dispatch.TooManyRequests, "too many passwords at once").Because(err)
	default:
		return dispatch.Fail(dispatch.UnknownError, "").Because(err)
	}
}
