package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// A Notice is what the gateway tells a user, its fields in the wire's order.
type Notice struct {
	NoticeID  int64 // the database's; greater is later
	UserID    string
	Key       string // names the event: of one user and key there is one notice
	Kind      string
	Title     string // up to 1,024 bytes
	Content   string // up to 65,535 bytes
	OrderID   string // digits; "" where it is about no order
	ProductID int64  // 0 where it is about no product
	Read      bool
	CreatTime int64 // Unix seconds, above 0
}

const noticeColumns = "notice_id, user_id, notice_key, kind, title, content, order_id, product_id, is_read, creat_time"

// fields are noticeColumns.
func (n *Notice) fields() []any {
	return []any{
		&n.NoticeID, &n.UserID, &n.Key, &n.Kind, &n.Title, &n.Content, &n.OrderID, &n.ProductID, &n.Read, &n.CreatTime,
	}
}

// A noticeRow is a new notice, and whether it is to be mailed.
type noticeRow struct {
	Notice

	mailed bool
}

const addedColumns = "user_id, notice_key, kind, title, content, order_id, product_id, creat_time, mail_due"

// fields are addedColumns.
func (r *noticeRow) fields() []any {
	return []any{&r.UserID, &r.Key, &r.Kind, &r.Title, &r.Content, &r.OrderID, &r.ProductID, &r.CreatTime, &r.mailed}
}

// AddNotice tells a user something, once for each key of the user: again, it does
// nothing. It also asks for a mail ([DB.MailNotices]). n.NoticeID and n.Read are ignored.
func (tx *Tx) AddNotice(ctx context.Context, n Notice) error {
	mailed, err := tx.isMailed(ctx, n.UserID)
	if err != nil {
		return err
	}
	row := noticeRow{n, mailed}
	err = tx.sql.Exec(ctx, "add notice", engine.SQL("INSERT INTO notices ("+addedColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row.fields()...))
	switch {
	case errors.Is(err, ErrConflict):
		return nil
	case err != nil:
		return err
	}
	tx.Push(n.UserID, n)
	if !mailed {
		return nil
	}
	return tx.AddJob(ctx, Job{Kind: MailJob, Key: n.UserID, Due: n.CreatTime})
}

// HasNotice reports whether a user was told something, by its key.
func (q *Queries) HasNotice(ctx context.Context, userID, key string) (has bool, err error) {
	err = q.sql.Get(ctx, "has notice", engine.SQL(
		`SELECT EXISTS (SELECT 1 FROM notices WHERE user_id = ? AND notice_key = ?)`, userID, key), &has)
	return has, err
}

// AddNotices is [Tx.AddNotice] for notices that are likely not there yet, which it adds at
// once.
func (tx *Tx) AddNotices(ctx context.Context, notices []Notice) error {
	rows := make([]noticeRow, len(notices))
	mailed := map[string]bool{}
	for i, n := range notices {
		if _, known := mailed[n.UserID]; !known {
			var err error
			if mailed[n.UserID], err = tx.isMailed(ctx, n.UserID); err != nil {
				return err
			}
		}
		rows[i] = noticeRow{n, mailed[n.UserID]}
	}
	err := engine.InsertRows(ctx, tx.sql, "add notices", "notices ("+addedColumns+")", rows, (*noticeRow).fields)
	if errors.Is(err, ErrConflict) {
		for _, n := range notices {
			if err := tx.AddNotice(ctx, n); err != nil {
				return err
			}
		}
		return nil
	}
	for _, row := range rows {
		if err == nil {
			tx.Push(row.UserID, row.Notice)
		}
		if row.mailed && err == nil {
			err = tx.AddJob(ctx, Job{Kind: MailJob, Key: row.UserID, Due: row.CreatTime})
		}
	}
	return err
}

var (
	noticesOfUser = engine.NewPagedList(noticeColumns, "notices WHERE user_id = ?", "notice_id DESC")
	unreadOfUser  = engine.NewPagedList(noticeColumns, "notices WHERE user_id = ? AND is_read = FALSE", "notice_id DESC")
)

// Notices lists a user's notices, or those that are not read, the newest first; total
// counts all of them, whatever the page.
func (q *Queries) Notices(ctx context.Context, userID string, unread bool, page Page) (list []Notice, total int64, err error) {
	notices := noticesOfUser
	if unread {
		notices = unreadOfUser
	}
	return engine.CollectPage(ctx, q.sql, "notices", notices, []any{userID}, page, (*Notice).fields)
}

// NoticesAfter are a user's next notices behind an id, by id, and the last id; none are all
// of them.
func (q *Queries) NoticesAfter(ctx context.Context, userID string, after int64) ([]Notice, int64, error) {
	last := after
	list, err := engine.Collect(ctx, q.sql, "notices after", engine.SQL("SELECT "+noticeColumns+
		", notice_id FROM notices WHERE user_id = ? AND notice_id > ? ORDER BY notice_id LIMIT ?", userID, after, batchRows),
		(*Notice).fields, &last)
	return list, last, err
}

// DeleteNotices removes all notices of a user. None of them is mailed any more.
func (tx *Tx) DeleteNotices(ctx context.Context, userID string) error {
	return tx.sql.Exec(ctx, "delete notices", engine.SQL(`DELETE FROM notices WHERE user_id = ?`, userID))
}

// CountUnread counts a user's notices that are not read.
func (q *Queries) CountUnread(ctx context.Context, userID string) (count int64, err error) {
	err = q.sql.Get(ctx, "count unread notices", engine.SQL(
		"SELECT COUNT(*) FROM notices WHERE user_id = ? AND is_read = FALSE", userID), &count)
	return count, err
}

// ReadNotices marks notices of a user as read. Ids that are another user's, or nobody's,
// do nothing.
func (q *Queries) ReadNotices(ctx context.Context, userID string, ids []int64) error {
	if len(ids) == 0 {
		return nil // to the filter, no ids are any
	}
	filter := q.sql.Filter()
	filter.In("notice_id", ids)
	return q.sql.Exec(ctx, "read notices", engine.SQL(readNotices, userID).And(filter))
}

// ReadAllNotices marks all notices of a user as read.
func (q *Queries) ReadAllNotices(ctx context.Context, userID string) error {
	return q.sql.Exec(ctx, "read all notices", engine.SQL(readNotices, userID))
}

const readNotices = "UPDATE notices SET is_read = TRUE WHERE user_id = ? AND is_read = FALSE"

// MailJob is the kind of the jobs that mail a user's notices; the key is the user.
const MailJob = "mail"

// MailCodeJob is the kind of the jobs that mail a code. Their data holds it, until the mail
// is sent.
const MailCodeJob = "mail_code"

// MailNotices has every notice from now on mailed too, where its user has an email. It is
// called before the first query, if at all.
func (db *DB) MailNotices() { db.mailNotices = true }

// isMailed reports whether a notice of a user is mailed.
func (q *Queries) isMailed(ctx context.Context, userID string) (bool, error) {
	if !q.mailNotices {
		return false, nil
	}
	profile, err := q.Profile(ctx, userID)
	return profile.Email != "" && !profile.Deleted(), err
}

// A NoticeMail is notices that are mailed to a user together.
type NoticeMail struct {
	ID      int64    // of one of them; 0 where there are none
	Notices []Notice // the newest first
	Count   int64    // how many there are, also beyond the limit
}

// GatherNotices gathers what is to be mailed to a user into one mail. One that was gathered
// before and is not over ([Queries.EndMail]) is returned again, as it was: what came later
// waits for the next. At most limit notices are returned.
func (tx *Tx) GatherNotices(ctx context.Context, userID string, limit int64) (mail NoticeMail, err error) {
	const operation, due = "gather notices", " FROM notices WHERE user_id = ? AND mail_due = TRUE"
	err = tx.sql.Get(ctx, operation, engine.SQL("SELECT COALESCE(MAX(mail_id), 0)"+due, userID), &mail.ID)
	if err == nil && mail.ID == 0 {
		mail.ID, err = tx.gatherNew(ctx, userID)
	}
	if err != nil || mail.ID == 0 {
		return mail, err
	}
	mail.Notices, err = engine.Collect(ctx, tx.sql, operation, engine.SQL("SELECT "+noticeColumns+
		", (SELECT COUNT(*)"+due+" AND mail_id = ?) AS total"+due+" AND mail_id = ? ORDER BY notice_id DESC LIMIT ?",
		userID, mail.ID, userID, mail.ID, limit), (*Notice).fields, &mail.Count)
	return mail, err
}

// gatherNew makes one mail of all notices that are in none.
func (tx *Tx) gatherNew(ctx context.Context, userID string) (id int64, err error) {
	const operation, waiting = "gather notices", " WHERE user_id = ? AND mail_due = TRUE AND mail_id = 0"
	err = tx.sql.Get(ctx, operation, engine.SQL("SELECT COALESCE(MAX(notice_id), 0) FROM notices"+waiting, userID), &id)
	if err != nil || id == 0 {
		return 0, err
	}
	return id, tx.sql.Exec(ctx, operation, engine.SQL("UPDATE notices SET mail_id = ?"+waiting, id, userID))
}

// UngatherNotices undoes GatherNotices, for a mail that nobody has seen.
func (q *Queries) UngatherNotices(ctx context.Context, userID string, id int64) error {
	return q.sql.Exec(ctx, "ungather notices", engine.SQL(
		`UPDATE notices SET mail_id = 0 WHERE user_id = ? AND mail_due = TRUE AND mail_id = ?`, userID, id))
}

// EndMail says that a mail is not tried any more: it was taken, or never will be.
func (q *Queries) EndMail(ctx context.Context, userID string, id int64) error {
	return q.sql.Exec(ctx, "end mail", engine.SQL(
		`UPDATE notices SET mail_due = FALSE WHERE user_id = ? AND mail_due = TRUE AND mail_id = ?`, userID, id))
}

// EndMails has nothing mailed to a user that is not mailed yet.
func (q *Queries) EndMails(ctx context.Context, userID string) error {
	return q.sql.Exec(ctx, "end mails", engine.SQL(
		`UPDATE notices SET mail_due = FALSE WHERE user_id = ? AND mail_due = TRUE`, userID))
}
