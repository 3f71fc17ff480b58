package storage

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"golang.org/x/text/unicode/norm"

	"campusgate/storage/engine"
	"campusgate/storage/search"
)

// The states of a profile.
const (
	ProfileActive = iota
	ProfileFrozen
	ProfileDeleted       // its name, phone and mail are erased
	ProfileDeletedFrozen // frozen after it was deleted
)

// RoleAdmin is the one role there is beside being a user.
const RoleAdmin = "admin"

// A Profile is what this server knows of an account beside the row of users. The zero
// Profile is that of an account that has none yet.
type Profile struct {
	Seq          int64 // the order of making, from 1
	UserID       string
	Name         string // as users had it when the profile was made or the account was renamed
	NameKey      string // the name as it is unique; "" is none
	Phone        string // unique; "" is none
	Email        string // "" is none
	Sex          int64  // 0 unknown, 1, 2
	Role         string // [RoleAdmin] or ""
	State        int64  // [ProfileActive] or another of these
	Password     string // its hash, "" where the account service keeps it
	Beli         int64  // free ones
	BeliHeld     int64  // by open orders
	CreditAmount int64  // fen, as the next two; what an admin has given
	CreditHeld   int64  // by open orders that are not paid
	CreditDebt   int64  // what is owed of it
	CreditTime   int64  // when an admin last changed the amount
	VerifyState  int64  // 0 none, 1 waiting, 2 passed, 3 refused
	VerifyNote   string
	PhoneHash    []byte // keyed: a deleted account is known again by it
	CreatTime    int64
	MailTime     int64 // when the last mail of notices was begun
}

// Deleted reports whether the account is no more.
func (p Profile) Deleted() bool { return p.State >= ProfileDeleted }

const profileColumns = "seq, user_id, name, COALESCE(name_key, ''), COALESCE(phone, ''), email, sex, role, state, password, " +
	"beli, beli_held, credit_amount, credit_held, credit_debt, credit_time, verify_state, verify_note, phone_hash, creat_time, mail_time"

// fields are profileColumns.
func (p *Profile) fields() []any {
	return []any{
		&p.Seq, &p.UserID, &p.Name, &p.NameKey, &p.Phone, &p.Email, &p.Sex, &p.Role, &p.State, &p.Password,
		&p.Beli, &p.BeliHeld, &p.CreditAmount, &p.CreditHeld, &p.CreditDebt, &p.CreditTime, &p.VerifyState, &p.VerifyNote, &p.PhoneHash, &p.CreatTime, &p.MailTime,
	}
}

// joinProfiles joins profiles to the users of a column, which follows.
const joinProfiles = "profiles pr ON pr.user_id = "

// profileActive is whether the account of a joined profile, which may not be there yet, is
// neither frozen nor deleted.
const profileActive = "COALESCE(pr.state, 0) = 0 AS active"

// NameKey is a name as it is unique among accounts: composed, and without regard to the
// case of A-Z.
func NameKey(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, norm.NFC.String(name))
}

// orNull is NULL for "".
func orNull(text string) sql.NullString { return sql.NullString{String: text, Valid: text != ""} }

// Profile returns an account's profile, one of zero values but for UserID where it has
// none yet.
func (q *Queries) Profile(ctx context.Context, userID string) (Profile, error) {
	p, err := q.profile(ctx, "profile", "user_id", userID, "")
	if errors.Is(err, ErrNotFound) {
		return Profile{UserID: userID}, nil
	}
	return p, err
}

// ProfileOfName returns the profile that has a name, given as its key. [ErrNotFound]:
// there is none.
func (q *Queries) ProfileOfName(ctx context.Context, nameKey string) (Profile, error) {
	return q.profile(ctx, "profile of a name", "name_key", nameKey, "")
}

// ProfileOfPhone returns the profile that has a phone. [ErrNotFound]: there is none.
func (q *Queries) ProfileOfPhone(ctx context.Context, phone string) (Profile, error) {
	return q.profile(ctx, "profile of a phone", "phone", phone, "")
}

func (q *Queries) profile(ctx context.Context, operation, column, value, lock string) (Profile, error) {
	var p Profile
	err := q.sql.Get(ctx, operation, engine.SQL("SELECT "+profileColumns+" FROM profiles WHERE "+column+" = ?"+lock, value), p.fields()...)
	return p, err
}

// LockProfile returns an account's profile, which stays so until UpdateProfile or the
// transaction's end. It is made where the account has none yet, with the account's name,
// which no other can take then.
func (tx *Tx) LockProfile(ctx context.Context, userID string, now int64) (Profile, error) {
	const operation = "lock profile"
	p, err := tx.profile(ctx, operation, "user_id", userID, tx.sql.ForUpdate())
	if !errors.Is(err, ErrNotFound) {
		return p, err
	}
	user, err := tx.User(ctx, userID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Profile{}, err
	}
	made := Profile{UserID: userID, Name: user.Name, NameKey: NameKey(user.Name), CreatTime: now}
	if _, err := tx.ProfileOfName(ctx, made.NameKey); !errors.Is(err, ErrNotFound) {
		if err != nil {
			return Profile{}, err
		}
		made.NameKey = "" // another account was first, which an account service may allow
	}
	err = tx.InsertProfile(ctx, made)
	if errors.Is(err, ErrConflict) { // another transaction was first, with the profile or with the name
		p, err := tx.profile(ctx, operation, "user_id", userID, tx.sql.ForUpdate())
		if !errors.Is(err, ErrNotFound) {
			return p, err
		}
		made.NameKey = ""
		if err := tx.InsertProfile(ctx, made); err != nil {
			return Profile{}, err
		}
	} else if err != nil {
		return Profile{}, err
	}
	return tx.profile(ctx, operation, "user_id", userID, tx.sql.ForUpdate())
}

// InsertProfile makes an account's profile, whose beli are the market's welcome; it has no
// credit yet. [ErrConflict]: it has one, or its name or phone is another's.
func (tx *Tx) InsertProfile(ctx context.Context, p Profile) (err error) {
	p.Seq, err = tx.sql.Insert(ctx, "insert profile", engine.SQL(`
		INSERT INTO profiles (user_id, name, name_key, phone, email, sex, role, state, password,
			beli, verify_state, verify_note, phone_hash, creat_time, mail_time)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.UserID, p.Name, orNull(p.NameKey), orNull(p.Phone), p.Email, p.Sex, p.Role, p.State, p.Password,
		p.Beli, p.VerifyState, p.VerifyNote, p.PhoneHash, p.CreatTime, p.MailTime))
	if err != nil {
		return err
	}
	if err := profileIndex.Add(ctx, tx.sql, p.entry()); err != nil || p.Beli == 0 {
		return err
	}
	return tx.insertLedger(ctx, []LedgerRow{{
		Kind: LedgerWelcome, Currency: Beli, From: PromotionAccount.name, To: UserAccount(p.UserID).name,
		Amount: p.Beli, ToBalance: &p.Beli, CreatTime: p.CreatTime,
	}})
}

// AddProfiles makes the profiles of accounts, with the ids that they have in Seq and what they
// hold, all or none; the rows of the ledger that say where that is from are the caller's
// ([Tx.AddLedger]). [ErrConflict]: an account has one, or a name or a phone is another's.
func (tx *Tx) AddProfiles(ctx context.Context, profiles []Profile) error {
	columns := strings.NewReplacer("COALESCE(", "", ", '')", "").Replace(profileColumns)
	err := engine.InsertRows(ctx, tx.sql, "add profiles", "profiles ("+columns+")", profiles, func(p *Profile) []any {
		fields := p.fields()
		fields[3], fields[4] = orNull(p.NameKey), orNull(p.Phone)
		return fields
	})
	if err != nil {
		return err
	}
	entries := make([]search.Entry, len(profiles))
	for i, profile := range profiles {
		entries[i] = profile.entry()
	}
	return profileIndex.Add(ctx, tx.sql, entries...)
}

// UpdateProfile writes what LockProfile has returned in the same transaction, changed.
// Wallets, times and the order of making stay as they are. While the account is not active,
// its products are in no search. [ErrConflict]: the name or
// the phone is another's.
func (tx *Tx) UpdateProfile(ctx context.Context, p Profile) error {
	before, err := tx.profile(ctx, "profile before", "user_id", p.UserID, "")
	if err != nil {
		return err
	}
	if err := tx.updateProfile(ctx, p); err != nil {
		return err
	}
	if (before.State == ProfileActive) != (p.State == ProfileActive) {
		if err := tx.freezeProducts(ctx, p.UserID, p.State != ProfileActive); err != nil {
			return err
		}
	}
	if before.Name == p.Name && before.Phone == p.Phone {
		return nil
	}
	if err := profileIndex.Remove(ctx, tx.sql, before.entry()); err != nil {
		return err
	}
	return profileIndex.Add(ctx, tx.sql, p.entry())
}

func (tx *Tx) updateProfile(ctx context.Context, p Profile) error {
	return tx.sql.Change(ctx, "update profile", engine.SQL(`
		UPDATE profiles SET name = ?, name_key = ?, phone = ?, email = ?, sex = ?, role = ?, state = ?, password = ?,
			verify_state = ?, verify_note = ?, phone_hash = ?
		WHERE user_id = ?`,
		p.Name, orNull(p.NameKey), orNull(p.Phone), p.Email, p.Sex, p.Role, p.State, p.Password,
		p.VerifyState, p.VerifyNote, p.PhoneHash, p.UserID))
}

// FrozenPhone reports whether a phone, given as its keyed hash, was that of an account
// which was frozen after it was deleted.
func (q *Queries) FrozenPhone(ctx context.Context, phoneHash []byte) (bool, error) {
	var frozen bool
	err := q.sql.Get(ctx, "frozen phone", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM profiles WHERE phone_hash = ? AND +state = ?)`, phoneHash, ProfileDeletedFrozen), &frozen)
	return frozen, err
}

// UserOfPhoneHash returns whose account that is not deleted has a phone, given as its
// keyed hash. [ErrNotFound]: there is none.
func (q *Queries) UserOfPhoneHash(ctx context.Context, phoneHash []byte) (userID string, err error) {
	err = q.sql.Get(ctx, "user of a phone's hash", engine.SQL(
		`SELECT user_id FROM profiles WHERE phone_hash = ? AND state < ?`, phoneHash, ProfileDeleted), &userID)
	return userID, err
}

// SetRole gives an account a role, "" being none, and returns the one that it had.
func (tx *Tx) SetRole(ctx context.Context, userID, role string, now int64) (before string, err error) {
	p, err := tx.LockProfile(ctx, userID, now)
	if err != nil {
		return "", err
	}
	before, p.Role = p.Role, role
	return before, tx.UpdateProfile(ctx, p)
}

// TakeMailTurn lets a mail of notices to a user begin now. [ErrNotFound]: one began after
// since; so of several that try, one succeeds.
func (q *Queries) TakeMailTurn(ctx context.Context, userID string, now, since int64) error {
	return q.setMailTime(ctx, "take mail turn", "mail_time <= ?", userID, now, since)
}

// ReturnMailTurn says that the mail which began at now was not sent: the last was the one
// at before. [ErrNotFound]: another has begun since.
func (q *Queries) ReturnMailTurn(ctx context.Context, userID string, now, before int64) error {
	return q.setMailTime(ctx, "return mail turn", "mail_time = ?", userID, before, now)
}

func (q *Queries) setMailTime(ctx context.Context, operation, guard, userID string, to, from int64) error {
	return q.sql.Change(ctx, operation, engine.SQL(
		"UPDATE profiles SET mail_time = ? WHERE user_id = ? AND "+guard, to, userID, from))
}

// frozenProfile selects the accounts that are frozen or deleted.
const frozenProfile = "SELECT 1 FROM profiles WHERE state > 0"

// EraseJob is the kind of the jobs that erase once more what is kept of a user who was
// deleted; the key is the user.
const EraseJob = "erase_account"

// A Grant is a role of an account.
type Grant struct{ UserID, Role string }

// Grants are all roles, by user.
func (q *Queries) Grants(ctx context.Context) ([]Grant, error) {
	return engine.Collect(ctx, q.sql, "grants", engine.SQL(
		`SELECT user_id, role FROM profiles WHERE role > '' ORDER BY role, user_id`),
		func(g *Grant) []any { return []any{&g.UserID, &g.Role} })
}
