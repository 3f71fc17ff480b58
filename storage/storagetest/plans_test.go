package storagetest

import "testing"

func TestWholly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		statement string
		steps     []string
		want      string
	}{
		{"SELECT name FROM profiles WHERE user_id = ?", []string{"SEARCH profiles USING INDEX profiles_1 (user_id=?)"}, ""},
		{"SELECT name FROM profiles WHERE sex = ?", []string{"SCAN profiles"}, "profiles"},
		{"SELECT name FROM profiles WHERE sex = ? LIMIT ?", []string{"SCAN profiles"}, "profiles"},
		{"SELECT COUNT(*) FROM orders o WHERE o.deliver = ?", []string{"SCAN o USING COVERING INDEX orders_1"}, "orders"},
		{"SELECT name FROM profiles ORDER BY name LIMIT ?", []string{"SCAN profiles", "USE TEMP B-TREE FOR ORDER BY"}, "profiles"},
		{"SELECT name FROM profiles ORDER BY seq LIMIT ?", []string{"SCAN profiles"}, ""},
		{"UPDATE products SET product_sale = ? WHERE product_name = ?", []string{"SCAN products"}, "products"},
		{"SELECT u.name FROM tokens t JOIN users u ON u.name = t.token WHERE t.token = ?", []string{"SEARCH t USING INDEX tokens_1 (token=?)", "SCAN u"}, "users"},
		{"SELECT NOT EXISTS (SELECT 1 FROM users)", []string{"SCAN CONSTANT ROW", "SCAN users"}, ""},
		{"SELECT id, wealth FROM users", []string{"SCAN users"}, ""}, // as wholeTables has it
		{"SELECT id, wealth FROM users WHERE wealth > ?", []string{"SCAN users"}, "users"},
	}
	for _, test := range tests {
		if got := wholly(shapeOf(test.statement), test.steps); got != test.want {
			t.Errorf("%s reads every row of %q, want %q", test.statement, got, test.want)
		}
	}
}
