package importing_test

import (
	"testing"

	"campusgate/cmd/campusgate/importing"
	"campusgate/storage"
	"campusgate/storage/olddatabase"
	"campusgate/storage/olddatabase/olddatabasetest"
	"campusgate/storage/storagetest"
)

// Values that one of the databases alone has.
func TestValuesOfOneDatabase(t *testing.T) {
	t.Parallel()
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		old, db := olddatabasetest.PostgreSQL(t), storagetest.Open(t)
		old.Exec(t, "ALTER TABLE property ALTER publish_time TYPE timestamptz")
		old.Exec(t, "ALTER DATABASE "+old.Name(t)+" SET timezone = 'America/New_York'")
		zoned, infinite, ancient := notice(3, 1, "a", "zoned", "x"), notice(2, 1, "a", "infinite", "x"), notice(1, 1, "a", "ancient", "x")
		zoned[15], zoned[16] = "2019-04-22 16:17:42+08", "2019-04-22 16:17:42.987"
		infinite[16], ancient[6] = "infinity", "0044-03-15 12:00:00 BC"
		old.Insert(t, olddatabase.Property, zoned, infinite, ancient)
		order := []any{"1", "paying", "1", 0, "NaN", when, nil}
		old.Insert(t, olddatabase.Purchase, order)
		old.Insert(t, olddatabase.Users, []any{1, "a", "Infinity"}, []any{2, "b", "1e300"}, []any{3, "c", "1e-7"})
		_, report, err := run(t, old, db, importing.Options{Accounts: true})
		must(t, err)
		diff(t, []string{
			`property is left out: occurrence_time: "0044-03-15 12:00:00 BC" is no time`,
			`property is left out: update_time: "infinity" is no time`,
			`purchase_base is left out: purchase_price: "NaN" is no amount; purchase_id: the order has no row in purchase_info`,
			`users is kept: wealth: 1e-07 is kept as 0.00`,
			`users is left out: wealth: "Infinity" is no amount`,
			`users is left out: wealth: it must be -90071992547409.92 to 90071992547409.92`,
		}, entries(t, report))
		notices, err := db.Properties(t.Context(), storage.PropertyFilter{Type: 1}, storage.Page{})
		must(t, err)
		if at := unix(t, when); len(notices) != 1 || notices[0].PublishTime != at || notices[0].UpdateTime != at {
			t.Errorf("notices %+v, want one of %d", notices, at)
		}
	})
	t.Run("MariaDB", func(t *testing.T) {
		t.Parallel()
		old, db := olddatabasetest.MariaDB(t), storagetest.Open(t)
		zero, nul := notice(2, 1, "a", "zero", "x"), notice(1, 1, "a", "n\x00l", "x")
		zero[6], zero[16] = "0000-00-00 00:00:00", "0000-00-00 00:00:00"
		old.Insert(t, olddatabase.Property, zero, nul)
		_, report, err := run(t, old, db, importing.Options{})
		must(t, err)
		diff(t, []string{"property is left out: title: it is not UTF-8 without NUL"}, entries(t, report))
		notices, err := db.Properties(t.Context(), storage.PropertyFilter{Type: 1}, storage.Page{})
		must(t, err)
		if at := unix(t, when); len(notices) != 1 || notices[0].OccurrenceTime != at || notices[0].UpdateTime != at {
			t.Errorf("notices %+v, want one of %d", notices, at)
		}
	})
}
