package storage

import (
	"context"
	"errors"

	"campusgate/storage/engine"
)

// An Anomaly is something about an attempt that an admin has to look at.
type Anomaly struct {
	AnomalyID int64
	Channel   string
	AttemptID string // as the channel says, at most 64 bytes: it need not be one of ours
	PayID     string // "" where the attempt is none of ours
	Kind      string
	Amount    int64 // fen, as the channel says
	CreatTime int64 // Unix seconds
}

const anomalyColumns = "anomaly_id, channel, attempt_id, pay_id, kind, amount, creat_time"

// fields are anomalyColumns.
func (a *Anomaly) fields() []any {
	return []any{&a.AnomalyID, &a.Channel, &a.AttemptID, &a.PayID, &a.Kind, &a.Amount, &a.CreatTime}
}

// AddAnomaly notes an anomaly, once for each kind of an attempt: again, it has the new
// amount, and is open if it was not.
func (tx *Tx) AddAnomaly(ctx context.Context, a Anomaly) error {
	const operation = "add anomaly"
	// creat_time before end_time: on MySQL columns are set one after the other.
	err := tx.sql.Change(ctx, operation, engine.SQL(`
		UPDATE payment_anomalies SET amount = ?, creat_time = CASE WHEN end_time > 0 THEN ? ELSE creat_time END, end_time = 0
		WHERE attempt_id = ? AND channel = ? AND kind = ?`, a.Amount, a.CreatTime, a.AttemptID, a.Channel, a.Kind))
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	err = tx.sql.Exec(ctx, operation, engine.SQL(`
		INSERT INTO payment_anomalies (channel, attempt_id, pay_id, kind, amount, creat_time) VALUES (?, ?, ?, ?, ?, ?)`,
		a.Channel, a.AttemptID, a.PayID, a.Kind, a.Amount, a.CreatTime))
	if errors.Is(err, ErrConflict) { // another transaction has just noted it
		return nil
	}
	return err
}

var openAnomalies = engine.NewPagedList(anomalyColumns, "payment_anomalies WHERE end_time = 0", "anomaly_id DESC")

// Anomalies lists those that are open, the newest first; total counts all of them,
// whatever the page.
func (q *Queries) Anomalies(ctx context.Context, page Page) (list []Anomaly, total int64, err error) {
	return engine.CollectPage(ctx, q.sql, "anomalies", openAnomalies, nil, page, (*Anomaly).fields)
}

// OpenAnomalies counts those that are open, by channel.
func (q *Queries) OpenAnomalies(ctx context.Context) ([]ChannelCount, error) {
	return engine.Collect(ctx, q.sql, "count anomalies", engine.SQL(
		`SELECT channel, COUNT(*) FROM payment_anomalies WHERE end_time = 0 GROUP BY channel`),
		func(c *ChannelCount) []any { return []any{&c.Channel, &c.Count} })
}

// EndAnomalies ends the anomalies of an attempt of ours.
func (tx *Tx) EndAnomalies(ctx context.Context, channel, attemptID string, now int64) error {
	return tx.sql.Exec(ctx, "end anomalies", engine.SQL(
		`UPDATE payment_anomalies SET end_time = ? WHERE attempt_id = ? AND channel = ? AND end_time = 0`, now, attemptID, channel))
}

// EndAnomaly ends the anomaly of one kind, if an attempt of ours has it.
func (tx *Tx) EndAnomaly(ctx context.Context, channel, attemptID, kind string, now int64) error {
	return tx.sql.Exec(ctx, "end anomaly", engine.SQL(
		`UPDATE payment_anomalies SET end_time = ? WHERE attempt_id = ? AND channel = ? AND kind = ? AND end_time = 0`,
		now, attemptID, channel, kind))
}
