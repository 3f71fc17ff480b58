package account

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"time"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

type identityUser struct {
	UserID string `json:"user_id" rule:"required max=64 number=whole" doc:"another account"`
}

// shownIdentity is who a user is, as an admin sees it.
type shownIdentity struct {
	RealName string `json:"real_name"`
	IDCode   string `json:"id_code"`
	PicUp    string `json:"pic_up" doc:"base64; empty from 30 days after the decision on"`
	PicDown  string `json:"pic_down" doc:"base64"`
}

func (identityUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "What `user/verify` was sent. Each look is a row of the audit. One's own is -103.",
		Example:  `{"user_id": "1180310087"}`,
		Statuses: []dispatch.Status{userNotExist, dispatch.NotConfigured},
	}
}

func (u userCalls) identity(ctx context.Context, in identityUser) (shownIdentity, error) {
	if u.Keyring == nil {
		return shownIdentity{}, dispatch.Fail(dispatch.NotConfigured, "accounts.secret is not set")
	}
	if err := wantAnother(ctx, in.UserID); err != nil {
		return shownIdentity{}, err
	}
	var identity storage.Identity
	var sides [2]storage.Sealed
	err := u.DB.InTx(ctx, func(tx *storage.Tx) (err error) {
		if identity, sides, err = u.readIdentity(ctx, tx, in.UserID); err != nil {
			return err
		}
		return tx.AddAudit(ctx, storage.Audit{
			Time: u.Clock.Unix(), UserID: dispatch.CallerFrom(ctx).User, Call: "user/identity", Target: "user " + in.UserID,
		})
	})
	if err != nil {
		return shownIdentity{}, wire.KnownOrDatabase(err)
	}
	shown, err := u.showIdentity(identity, sides)
	if err != nil {
		return shownIdentity{}, dispatch.Fail(dispatch.UnknownError, "").Because(err)
	}
	return shown, nil
}

// readIdentity reads what is stored of who a user is, and fails with 106 where nothing is.
func (u userCalls) readIdentity(ctx context.Context, tx *storage.Tx, user string) (i storage.Identity, sides [2]storage.Sealed, err error) {
	if _, err = lockAccount(ctx, tx, user, u.Clock.Unix()); err != nil {
		return i, sides, err
	}
	i, err = tx.Identity(ctx, user)
	if errors.Is(err, storage.ErrNotFound) {
		err = dispatch.Fail(userNotExist, "user_id: has no identity")
	}
	for side := range sides {
		if err == nil {
			sides[side], err = tx.IdentityPicture(ctx, user, side)
		}
		if errors.Is(err, storage.ErrNotFound) { // deleted after the decision
			err = nil
		}
	}
	return i, sides, err
}

// showIdentity decrypts what readIdentity has read.
func (u userCalls) showIdentity(i storage.Identity, sides [2]storage.Sealed) (shownIdentity, error) {
	known, err := u.openIdentity(i)
	shown := shownIdentity{RealName: known.RealName, IDCode: known.IDCode}
	for side, text := range []*string{storage.SideUp: &shown.PicUp, storage.SideDown: &shown.PicDown} {
		if err != nil || len(sides[side]) == 0 {
			continue
		}
		var picture []byte
		picture, err = u.Keyring.Open(storage.IdentityPicturePlace(i.UserID, side), sides[side])
		*text = base64.StdEncoding.EncodeToString(picture)
	}
	return shown, err
}

type reviewUser struct {
	UserID string `json:"user_id" rule:"required max=64 number=whole" doc:"another account"`
	Pass   int64  `json:"pass" rule:"required oneof=0|1" doc:"0 refuses"`
	Note   string `json:"note" rule:"max=200" doc:"why; the account's owner reads it"`
}

func (reviewUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Decides on what `user/identity` shows. 109 where the same code has passed for another account meanwhile. An admin's own account is -103.",
		Example:  `{"user_id": "1180310087", "pass": 1, "note": ""}`,
		Statuses: []dispatch.Status{userNotExist, identityUsed, nothingToReview, dispatch.ContentRefused},
	}
}

// picturesKept is how long the pictures of an identity are kept after the decision.
const picturesKept = 30 * 24 * time.Hour

func (u userCalls) review(ctx context.Context, in reviewUser) (wire.None, error) {
	if err := u.Words.Check(words.Text{Key: "note", Value: in.Note}); err != nil {
		return wire.None{}, err
	}
	return wire.None{}, u.changeOther(ctx, "user/review", in.UserID, lockAccount, func(tx *storage.Tx, p *storage.Profile) (before, after string, err error) {
		if p.VerifyState != storage.IdentityWaiting {
			return "", "", dispatch.Fail(nothingToReview, "")
		}
		before = strconv.FormatInt(p.VerifyState, 10)
		p.VerifyState, p.VerifyNote = storage.IdentityRefused, in.Note
		if in.Pass == 1 {
			p.VerifyState = storage.IdentityPassed
		}
		after = strconv.FormatInt(p.VerifyState, 10) + " " + in.Note
		return before, after, u.decide(ctx, tx, *p)
	})
}

// decide ends the wait of an identity as its profile says, and tells its owner.
func (u userCalls) decide(ctx context.Context, tx *storage.Tx, p storage.Profile) error {
	if p.VerifyState == storage.IdentityPassed {
		identity, err := tx.Identity(ctx, p.UserID)
		if err != nil {
			return err
		}
		if err := wantUnused(ctx, tx, identity.IDHash, p.UserID); err != nil {
			return err
		}
	}
	now := u.Clock.Now()
	if err := tx.DecideIdentity(ctx, p.UserID, p.VerifyState, p.VerifyNote, now.Unix()); err != nil {
		return err
	}
	err := tx.AddJob(ctx, storage.Job{Kind: identityPicturesJob, Key: p.UserID, Due: now.Add(picturesKept).Unix()})
	if err != nil {
		return err
	}
	return tx.AddNotice(ctx, reviewedNotice(p, now))
}
