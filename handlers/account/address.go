package account

import (
	"context"
	"errors"
	"regexp"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/handlers/wire/words"
	"campusgate/storage"
)

// maxAddresses is how many addresses a user may have.
const maxAddresses = 20

// phoneForm is what an address's phone is made of: numbers of every country, as people
// write them.
var phoneForm = regexp.MustCompile(`^[0-9+ -]*$`)

type createAddress struct {
	Name      string `json:"name" rule:"required max=32" doc:"of who receives"`
	Phone     string `json:"phone" rule:"required min=5 max=20" doc:"digits, +, - and blanks"`
	Address   string `json:"address" rule:"required max=255"`
	IsDefault int64  `json:"is_default" rule:"oneof=0|1" doc:"1: in place of the default so far; the first address always is the default"`
}

type createdAddress struct {
	AddressID int64 `json:"address_id"`
}

func (createAddress) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "A user has at most 20 addresses, of which exactly one is the default. `address/create` is the same call.",
		Example:  `{"name": "王凌超", "phone": "137 0000 0000", "address": "浙江科技学院东和公寓3号楼301", "is_default": 1}`,
		Statuses: []dispatch.Status{addressesCapped, dispatch.ContentRefused},
	}
}

func (a addressCalls) create(ctx context.Context, in createAddress) (createdAddress, error) {
	if err := a.check(&in.Name, &in.Phone, &in.Address); err != nil {
		return createdAddress{}, err
	}
	address := storage.Address{UserID: dispatch.CallerFrom(ctx).User, Name: in.Name, Phone: in.Phone, Address: in.Address}
	err := a.ofUser(ctx, func(tx *storage.Tx) error {
		count, err := tx.AddressCount(ctx, address.UserID)
		if err != nil {
			return err
		}
		if count >= maxAddresses {
			return dispatch.Fail(addressesCapped, "")
		}
		address.AddressID, err = tx.InsertAddress(ctx, address)
		if err != nil || count > 0 && in.IsDefault == 0 {
			return err
		}
		return tx.SetDefaultAddress(ctx, address.AddressID, address.UserID)
	})
	return createdAddress{AddressID: address.AddressID}, err
}

type updateAddress struct {
	AddressID int64   `json:"address_id" rule:"required range=any" doc:"your own address"`
	Name      *string `json:"name" rule:"filled max=32" doc:"unchanged if absent, as the others"`
	Phone     *string `json:"phone" rule:"filled min=5 max=20" doc:"digits, +, - and blanks"`
	Address   *string `json:"address" rule:"filled max=255"`
	IsDefault int64   `json:"is_default" rule:"oneof=0|1" doc:"1: in place of the default so far; 0 changes nothing"`
}

func (updateAddress) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "The default address stays so until another takes its place.",
		Example:  `{"address_id": 1, "phone": "+86-571-85070000"}`,
		Statuses: []dispatch.Status{addressNotExist, dispatch.ContentRefused},
	}
}

func (a addressCalls) update(ctx context.Context, in updateAddress) (wire.None, error) {
	if err := a.check(in.Name, in.Phone, in.Address); err != nil {
		return wire.None{}, err
	}
	user := dispatch.CallerFrom(ctx).User
	return wire.None{}, a.ofUser(ctx, func(tx *storage.Tx) error {
		err := tx.UpdateAddress(ctx, in.AddressID, user, storage.AddressChange{Name: in.Name, Phone: in.Phone, Address: in.Address})
		if err != nil || in.IsDefault == 0 {
			return err
		}
		return tx.SetDefaultAddress(ctx, in.AddressID, user)
	})
}

// oneAddress names an address.
type oneAddress struct {
	AddressID int64 `json:"address_id" rule:"required range=any" doc:"your own address"`
}

type deleteAddress struct{ oneAddress }

func (deleteAddress) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes:    "Where it was the default, the newest that is left takes over. Orders keep their copies.",
		Example:  `{"address_id": 1}`,
		Statuses: []dispatch.Status{addressNotExist},
	}
}

func (a addressCalls) delete(ctx context.Context, in deleteAddress) (wire.None, error) {
	return wire.None{}, a.ofUser(ctx, func(tx *storage.Tx) error {
		return tx.DeleteAddress(ctx, in.AddressID, dispatch.CallerFrom(ctx).User)
	})
}

type defaultAddress struct{ oneAddress }

func (defaultAddress) Reference() dispatch.Reference {
	return dispatch.Reference{
		Example:  `{"address_id": 1}`,
		Statuses: []dispatch.Status{addressNotExist},
	}
}

func (a addressCalls) setDefault(ctx context.Context, in defaultAddress) (wire.None, error) {
	return wire.None{}, a.ofUser(ctx, func(tx *storage.Tx) error {
		return tx.SetDefaultAddress(ctx, in.AddressID, dispatch.CallerFrom(ctx).User)
	})
}

type listAddresses struct{ wire.ListPage }

type addressRow struct {
	AddressID int64  `json:"address_id"`
	Name      string `json:"name"`
	Phone     string `json:"phone"`
	Address   string `json:"address"`
	IsDefault int64  `json:"is_default" doc:"1 of exactly one"`
}

func (listAddresses) Reference() dispatch.Reference {
	return dispatch.Reference{Notes: "Newest first.", Example: `{}`}
}

func (a addressCalls) list(ctx context.Context, in listAddresses) (wire.List[addressRow], error) {
	page, err := in.Rows()
	if err != nil {
		return wire.List[addressRow]{}, err
	}
	addresses, total, err := a.DB.Addresses(ctx, dispatch.CallerFrom(ctx).User, page)
	if err != nil {
		return wire.List[addressRow]{}, wire.DatabaseFailure(err)
	}
	return wire.ListOf(addresses, total, rowOfAddress), nil
}

func rowOfAddress(a storage.Address) addressRow {
	row := addressRow{AddressID: a.AddressID, Name: a.Name, Phone: a.Phone, Address: a.Address}
	if a.IsDefault {
		row.IsDefault = 1
	}
	return row
}

// check returns what is wrong with the texts of an address; nil ones are not sent. Sellers
// see them.
func (a addressCalls) check(name, phone, address *string) error {
	if phone != nil && !phoneForm.MatchString(*phone) {
		return dispatch.Fail(dispatch.ValueError, "phone: must be digits, +, - and blanks")
	}
	var seen []words.Text
	if name != nil {
		seen = append(seen, words.Text{Key: "name", Value: *name})
	}
	if address != nil {
		seen = append(seen, words.Text{Key: "address", Value: *address})
	}
	return a.Words.Check(seen...)
}

// ofUser changes the caller's addresses in a transaction in which nobody else does: each
// of them decides which one is the default.
func (a addressCalls) ofUser(ctx context.Context, change func(*storage.Tx) error) error {
	err := a.DB.InTx(ctx, func(tx *storage.Tx) error {
		if err := tx.LockUser(ctx, dispatch.CallerFrom(ctx).User); err != nil {
			return err
		}
		err := change(tx)
		if errors.Is(err, storage.ErrNotFound) {
			return dispatch.Fail(addressNotExist, "address_id: no such address, or another user's")
		}
		return err
	})
	return wire.KnownOrDatabase(err)
}
