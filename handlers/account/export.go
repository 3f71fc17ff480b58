package account

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/goccy/go-json"

	"campusgate/dispatch"
	"campusgate/handlers/wire"
	"campusgate/storage"
)

// NotExported are the tables that hold something of a user and are in no export, with the
// reason.
var NotExported = map[string]string{
	"tokens":            "a token is a secret, and the account service's",
	"live_tickets":      "a ticket is a secret of half a minute, and is used once",
	"request_keys":      "answers that the user has had already, kept for a day or a week",
	"audit":             "what admins have done, for the operator: it names other accounts",
	"conversations":     "counts of messages, which are there themselves where the user has sent them",
	"order_lines":       "with their order, in orders",
	"order_history":     "with its order, in orders",
	"order_refunds":     "with their order, in orders",
	"day_summaries":     "how many users and orders a day had, and of whom nothing",
	"identity_pictures": "an identity is masked in an export",
}

type exportUser struct{}

func (exportUser) Reference() dispatch.Reference {
	return dispatch.Reference{
		Notes: "Everything that is kept of the caller, by table, and nothing of other users; frozen accounts too. Rows are as in the answers of other calls. " +
			"Of an identity only the first character of the name and the first and last of the code are shown. " +
			"Tokens, what admins did and the pictures of identity cards are left out. The answer is streamed, and can be of any length.",
		Example: `{}`,
	}
}

func (u userCalls) export(ctx context.Context, _ exportUser) (dispatch.Stream, error) {
	user := dispatch.CallerFrom(ctx).User
	if _, err := u.DB.User(ctx, user); err != nil { // while there can be an answer
		return nil, wire.DatabaseFailure(err)
	}
	return func(ctx context.Context, w io.Writer) error {
		begin := `{"`
		for _, table := range slices.Concat(u.exported(), u.Exported) {
			if _, err := io.WriteString(w, begin+table.Name+`":[`); err != nil {
				return err
			}
			if err := writeRows(ctx, w, table, user); err != nil {
				return err
			}
			begin = `],"`
		}
		_, err := io.WriteString(w, "]}")
		return err
	}, nil
}

// writeRows writes the rows of a user as the elements of a JSON list.
func writeRows(ctx context.Context, w io.Writer, table wire.ExportedTable, user string) error {
	rows := json.NewEncoder(w)
	separator := ""
	return table.Each(ctx, user, func(row any) error {
		if _, err := io.WriteString(w, separator); err != nil {
			return err
		}
		separator = ","
		return rows.Encode(row)
	})
}

// exported are the tables of accounts. Of each a user has few rows.
func (u userCalls) exported() []wire.ExportedTable {
	return []wire.ExportedTable{
		{Name: "users", Each: u.exportUser},
		{Name: "profiles", Each: u.exportProfile},
		{Name: "identities", Each: u.exportIdentity},
		{Name: "sessions", Each: u.exportSessions},
		{Name: "addresses", Each: u.exportAddresses},
	}
}

type exportedUser struct {
	UserID   int64        `json:"user_id"`
	UserName string       `json:"user_name"`
	Wealth   dispatch.Fen `json:"wealth"`
}

func (u userCalls) exportUser(ctx context.Context, user string, write func(any) error) error {
	stored, err := u.DB.User(ctx, user)
	if err != nil {
		return err
	}
	return write(exportedUser{wire.UserNumber(stored.ID), stored.Name, dispatch.Fen(stored.Wealth)})
}

type exportedProfile struct {
	userRow

	Beli         int64        `json:"beli"`
	CreditAmount dispatch.Fen `json:"credit_amount"`
}

func (u userCalls) exportProfile(ctx context.Context, user string, write func(any) error) error {
	p, err := u.DB.Profile(ctx, user)
	if err != nil || p.Seq == 0 { // there is none yet
		return err
	}
	return write(exportedProfile{u.row(p), p.Beli, dispatch.Fen(p.CreditAmount)})
}

type exportedSession struct {
	CreatTime string `json:"creat_time"`
	UsedTime  string `json:"used_time"`
}

func (u userCalls) exportSessions(ctx context.Context, user string, write func(any) error) error {
	sessions, err := u.DB.Sessions(ctx, user)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if err := write(exportedSession{u.Clock.Text(s.CreatTime), u.Clock.Text(s.UsedTime)}); err != nil {
			return err
		}
	}
	return nil
}

func (u userCalls) exportAddresses(ctx context.Context, user string, write func(any) error) error {
	addresses, _, err := u.DB.Addresses(ctx, user, storage.Page{})
	if err != nil {
		return err
	}
	for _, stored := range addresses {
		if err := write(rowOfAddress(stored)); err != nil {
			return err
		}
	}
	return nil
}

type exportedIdentity struct {
	RealName    string `json:"real_name"`
	IDCode      string `json:"id_code"`
	VerifyNote  string `json:"verify_note"`
	CreatTime   string `json:"creat_time"`
	DecidedTime string `json:"decided_time"`
}

func (u userCalls) exportIdentity(ctx context.Context, user string, write func(any) error) error {
	stored, err := u.DB.Identity(ctx, user)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	person, err := u.openIdentity(stored)
	if err != nil {
		return err
	}
	masked := person.masked()
	return write(exportedIdentity{
		masked.RealName, masked.IDCode, stored.Note, u.Clock.Text(stored.CreatTime), u.timeText(stored.DecidedTime),
	})
}

// timeText is a time, or "" for none.
func (u userCalls) timeText(unix int64) string {
	if unix == 0 {
		return ""
	}
	return u.Clock.Text(unix)
}
