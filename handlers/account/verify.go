package account

import (
	"context"
	"errors"
	"strings"

	"github.com/goccy/go-json"
	"golang.org/x/text/unicode/norm"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

type verifyUser struct {
	RealName string `json:"real_name" rule:"required max=50" doc:"2 to 50 letters, · and blanks"`
	IDCode   string `json:"id_code" rule:"required max=18" doc:"18 characters of GB 11643; x is taken as X"`
	PicUp    []byte `json:"pic_up" rule:"required" doc:"the card's side with the picture, as base64 in pic/upload"`
	PicDown  []byte `json:"pic_down" rule:"required" doc:"its other side"`
}

func (verifyUser) Reference() dispatch.Reference {
	const picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	return dispatch.Reference{
		Notes: "Waits for an admin's review; while it waits, 108 as well, so that the admin decides on what was looked at. A refused one may be sent again. " +
			"All of it is encrypted, the pictures lose where they were taken, and are deleted 30 days after the decision. Both together must fit into `server.max_body`.",
		Example:  `{"real_name": "王凌超", "id_code": "11010519491231002X", "pic_up": "` + picture + `", "pic_down": "` + picture + `"}`,
		Statuses: []dispatch.Status{verifiedAlready, identityUsed, dispatch.NotConfigured},
	}
}

func (u userCalls) verify(ctx context.Context, in verifyUser) (wire.None, error) {
	claimed, err := u.checkVerify(ctx, &in)
	if err != nil {
		return wire.None{}, err
	}
	user, now := dispatch.CallerFrom(ctx).User, u.Clock.Unix()
	hash := u.Keyring.Hash(hashedCode, claimed.IDCode)
	sealed, err := u.sealIdentity(user, claimed)
	if err != nil {
		return wire.None{}, err
	}
	identity := storage.Identity{UserID: user, Sealed: sealed, IDHash: hash, CreatTime: now}
	sides := u.sealPictures(user, in.PicUp, in.PicDown)
	return wire.Once(ctx, u.DB, u.Clock.Now(), func(tx *storage.Tx) (wire.None, error) {
		return wire.None{}, u.saveIdentity(ctx, tx, identity, sides)
	})
}

// checkVerify checks what a user claims to be, and takes out of the pictures where they
// were taken.
func (u userCalls) checkVerify(ctx context.Context, in *verifyUser) (person, error) {
	claimed := person{RealName: norm.NFC.String(in.RealName), IDCode: strings.ToUpper(in.IDCode)}
	switch {
	case !personName.MatchString(claimed.RealName):
		return person{}, dispatch.Fail(dispatch.ValueError, "real_name: must be 2 to 50 letters, · and blanks, without a blank at either end")
	case !isIDCode(claimed.IDCode, u.Clock.Now().In(u.Clock.Location)):
		return person{}, dispatch.Fail(dispatch.ValueError, "id_code: must be 18 characters with a date that exists and the right check character")
	case u.Keyring == nil:
		return person{}, dispatch.Fail(dispatch.NotConfigured, "accounts.secret is not set")
	}
	for _, side := range []struct {
		key     string
		picture *[]byte
	}{{"pic_up", &in.PicUp}, {"pic_down", &in.PicDown}} {
		if err := wire.CheckPicture(ctx, u.Checker, side.key, *side.picture, u.Settings.MaxPicture); err != nil {
			return person{}, err
		}
		*side.picture = pictures.DropLocation(*side.picture)
	}
	return claimed, nil
}

func (u userCalls) saveIdentity(ctx context.Context, tx *storage.Tx, identity storage.Identity, sides [2]storage.Sealed) error {
	profile, err := u.lockOwnProfile(ctx, tx)
	if err != nil {
		return err
	}
	err = tx.SaveIdentity(ctx, identity, sides)
	if errors.Is(err, storage.ErrConflict) {
		return dispatch.Fail(verifiedAlready, "")
	}
	if err != nil {
		return err
	}
	if err := wantUnused(ctx, tx, identity.IDHash, identity.UserID); err != nil {
		return err
	}
	profile.VerifyState, profile.VerifyNote = storage.IdentityWaiting, ""
	return tx.UpdateProfile(ctx, profile)
}

// wantUnused fails with 109 where an identity has passed for another account, which may
// be deleted.
func wantUnused(ctx context.Context, tx *storage.Tx, idHash []byte, user string) error {
	used, err := tx.PassedElsewhere(ctx, idHash, user)
	if err == nil && used {
		err = dispatch.Fail(identityUsed, "")
	}
	return err
}

// The kinds of what is hashed by the keyring.
const (
	hashedCode  = "code"
	hashedPhone = "phone"
)

func (u userCalls) sealIdentity(user string, p person) (storage.Sealed, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, dispatch.Fail(dispatch.UnknownError, "").Because(err)
	}
	return u.Keyring.Seal(storage.IdentityPlace(user), text), nil
}

func (u userCalls) sealPictures(user string, up, down []byte) [2]storage.Sealed {
	return [2]storage.Sealed{
		storage.SideUp:   u.Keyring.Seal(storage.IdentityPicturePlace(user, storage.SideUp), up),
		storage.SideDown: u.Keyring.Seal(storage.IdentityPicturePlace(user, storage.SideDown), down),
	}
}

// errNoSecret says that an identity cannot be opened.
var errNoSecret = errors.New("accounts.secret is not set")

// openIdentity decrypts who a user is; one that was erased is the zero person.
func (u userCalls) openIdentity(i storage.Identity) (p person, err error) {
	if len(i.Sealed) == 0 {
		return person{}, nil
	}
	if u.Keyring == nil {
		return person{}, errNoSecret
	}
	text, err := u.Keyring.Open(storage.IdentityPlace(i.UserID), i.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	return p, err
}
