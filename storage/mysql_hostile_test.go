package storage_test

import (
	"errors"
	"testing"

	"campusgate/storage"
	"campusgate/storage/storagetest"
)

// hostileDefaults are those of TestMySQLSettings that lose, cut or change something.
var hostileDefaults = []string{
	"SET GLOBAL autocommit = 0", "SET GLOBAL init_connect = 'SET autocommit = 0, sql_select_limit = 1'",
	"SET GLOBAL completion_type = CHAIN", "SET GLOBAL tx_isolation = 'READ-UNCOMMITTED'", "SET GLOBAL tx_read_only = 1",
	"SET GLOBAL sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'", "SET GLOBAL time_zone = '+08:00'",
	"SET GLOBAL character_set_server = latin1", "SET GLOBAL unique_checks = 0", "SET GLOBAL foreign_key_checks = 0",
	"SET GLOBAL default_storage_engine = MyISAM", "SET GLOBAL sql_auto_is_null = 1", "SET GLOBAL sql_safe_updates = 1",
	"SET GLOBAL sql_select_limit = 1", "SET GLOBAL max_join_size = 1", "SET GLOBAL max_sort_length = 64",
	"SET GLOBAL lock_wait_timeout = 0", "SET GLOBAL max_statement_time = 0.0001",
}

// On a server whose defaults are all hostile, what was acknowledged is there after a
// restart, and what was undone is not.
func TestMySQLHostileDefaults(t *testing.T) {
	t.Parallel()
	server := storagetest.StartMariaDB(t)
	execOn(t, "mysql", server.DSN, "CREATE USER campus@localhost", "GRANT ALL ON test.* TO campus@localhost")
	execOn(t, "mysql", server.DSN+"?max_statement_time=0", hostileDefaults...)
	options := storage.Options{Driver: "mysql", DSN: asCampus(t, server.DSN).FormatDSN()}
	db := openFile(t, options)
	ctx := t.Context()

	insertShop(t, db, storage.Shop{ShopID: 1, ShopName: "小码", UserID: "12"})
	content := `改 'it\\'s'`
	p := product()
	insertProduct(t, db, p)
	undone := errors.New("undone")
	err := db.InTx(ctx, func(tx *storage.Tx) error {
		return errors.Join(tx.AddSale(ctx, p.ProductID, 7), undone)
	})
	if !errors.Is(err, undone) {
		t.Errorf("%v, want what the function returned", err)
	}
	if err := db.InsertShop(ctx, storage.Shop{ShopID: 2, ShopName: "小码"}); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("the name again: %v, want ErrConflict", err)
	}
	insertShop(t, db, storage.Shop{ShopID: 3, ShopName: "小妈", ShopContent: content, UserID: "12"})
	sell(t, db, &p)

	later := openOnly(t, options)
	wantProduct(t, later, p)
	shops, err := later.Shops(ctx, storage.ShopFilter{}, nil, storage.Page{})
	if err != nil || len(shops) != 2 || shops[0].ShopName != "小码" || shops[1].ShopContent != content {
		t.Errorf("shops = %+v, %v", shops, err)
	}
}
