package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"campusgate/cmd/campusgate/campusgatetest"
	"campusgate/storage"
)

// What is inconsistent is counted, each kind on its line; --fix mends what can be mended
// without a decision.
func TestDoctor(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	runCommand(t, environ, "doctor").Refused(t, exitFailed, "database.dsn", "no such file")
	if made, err := os.ReadDir(folder); err != nil || len(made) > 0 {
		t.Errorf("it made %v (%v)", made, err)
	}
	addUser(t, environ, student, "王凌超", "0")
	db := campusgatetest.OpenEmbedded(t, folder)
	for _, title := range []string{"失物", "雨伞"} {
		_, err := db.InsertProperty(t.Context(), storage.Property{Type: 1, Title: title, UserID: student})
		must(t, err)
	}
	lines := func(status int, arguments ...string) []string {
		t.Helper()
		return strings.Split(strings.TrimSuffix(runCommand(t, environ, append([]string{"doctor"}, arguments...)...).Want(t, status).Stdout, "\n"), "\n")
	}
	for _, line := range lines(exitOK) {
		if !strings.HasPrefix(line, "rows of ") && !strings.HasSuffix(line, ": 0: ok") {
			t.Errorf("of a sound database it says %q", line)
		}
	}
	execute(t, folder, `DELETE FROM property_grams WHERE property_id = 2`)
	execute(t, folder, `INSERT INTO tokens (token, user_id) VALUES ('a', '7'), ('b', NULL)`)
	execute(t, folder, `INSERT INTO purchases (purchase_id, product_id) VALUES ('a', 7)`)
	execute(t, folder, `INSERT INTO pictures (source, name, user_id) VALUES ('shop', 'gone.png', '1'), ('shop', 'tea.png', '1')`)
	for name, text := range map[string]string{
		"shop/tea.png": "owned", "shop/900150983cd24fb0d6963f7d28e17f72": "nobody's", "shop/odd.png": "ownerless", ".tmp/left": "half",
	} {
		file := filepath.Join(folder, "pictures", name)
		must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(t, os.WriteFile(file, []byte(text), 0o600))
	}
	want := func(got []string, words, temporary string) {
		t.Helper()
		expected := []string{
			"rows of users: 1", "rows of tokens: 3", "rows of properties: 2", "rows of shops: 0", "rows of products: 0",
			"rows of purchases: 1", "rows of orders: 0", "rows of ledger: 0", "rows of pictures: 2",
			"properties without their words: " + words, "products without their words: 0: ok", "product_texts without their words: 0: ok",
			"orders of products that are gone: 1: OFF", "tokens without their user: 2: OFF",
			"owned pictures that are not stored: 1: OFF", "named pictures without an owner: 1: OFF", "temporary files: " + temporary,
		}
		if strings.Join(got, "\n") != strings.Join(expected, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(expected, "\n"))
		}
	}
	for range 2 { // to look changes nothing
		want(lines(exitFailed), "1: OFF", "1: OFF")
	}
	want(lines(exitFailed, "--fix"), "1: mended", "1: mended")
	want(lines(exitFailed), "0: ok", "0: ok")
	word := "雨伞"
	if found, err := db.Properties(t.Context(), storage.PropertyFilter{Type: 1, Key: &word}, storage.Page{}); err != nil || len(found) != 1 {
		t.Errorf("the mended words find %+v, %v", found, err)
	}
}

// A table that is empty though SQLite has numbered its rows is told. Notices are
// deleted by their owners, so that theirs is nothing to mend.
func TestDoctorTellsOfATableThatWasEmptied(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := campusgatetest.Embedded(folder)
	addUser(t, environ, student, "王凌超", "0")
	db := campusgatetest.OpenEmbedded(t, folder)
	want := func(status int, lines ...string) {
		t.Helper()
		got := runCommand(t, environ, "doctor").Want(t, status).Stdout
		if all := strings.Join(lines, "\n") + "\n"; !strings.Contains(got, all) || strings.Count(got, "OFF") != strings.Count(all, "OFF") {
			t.Errorf("got\n%s\nwant\n%s", got, all)
		}
	}
	execute(t, folder, `INSERT INTO shops (shop_id) SELECT 1 WHERE FALSE`) // SQLite notes a last number of 0
	want(exitOK, "rows of properties: 0", "rows of shops: 0", "rows of products: 0", "rows of purchases: 0")
	notice, err := db.InsertProperty(t.Context(), storage.Property{Type: 1, UserID: student})
	must(t, err)
	must(t, db.DeleteProperty(t.Context(), notice, student))
	must(t, db.InsertShop(t.Context(), storage.Shop{ShopID: 1, ShopName: "茶"}))
	must(t, db.InsertProduct(t.Context(), storage.Product{ProductID: 1, ShopID: 1}))
	must(t, db.InsertPurchase(t.Context(), storage.Purchase{PurchaseID: "1", ProductID: 1}))
	want(exitOK, "rows of properties: 0, but there were some", "rows of shops: 1", "rows of products: 1", "rows of purchases: 1")
	for _, table := range []string{"shops", "products", "purchases"} {
		execute(t, folder, "DELETE FROM "+table)
	}
	want(exitFailed, "rows of properties: 0, but there were some", "rows of shops: 0, but there were some: OFF",
		"rows of products: 0, but there were some: OFF", "rows of purchases: 0, but there were some: OFF")
}
