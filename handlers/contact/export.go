package contact

import (
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// Exported are the tables of contact that hold something of a user.
func Exported(d Deps) []wire.ExportedTable {
	return []wire.ExportedTable{
		wire.Exported("notices", d.DB, (*storage.Queries).NoticesAfter, noticeCalls{d}.row),
		wire.Exported("messages", d.DB, (*storage.Queries).MessagesAfter, messageCalls{d}.exported),
		wire.Exported("blocks", d.DB, (*storage.Queries).BlocksAfter, blockedUser),
	}
}

// sentRow is a message that the user has sent, and to whom.
type sentRow struct {
	messageRow

	ReceiverID int64 `json:"receiver_id"`
	ProductID  int64 `json:"product_id"`
}

func (m messageCalls) exported(message storage.Message) sentRow {
	return sentRow{m.row(message), wire.UserNumber(message.ReceiverID), message.ProductID}
}

type blockRow struct {
	UserID int64 `json:"user_id"`
}

func blockedUser(id string) blockRow { return blockRow{wire.UserNumber(id)} }
