package storage_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/pingcap/tidb/pkg/parser"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver" // the parser's values

	"campusgate/storage/storagetest"
)

// TestMain lets TiDB's parser read every statement and migration that the tests
// have run on MariaDB: what the suite cannot be run on can at least read it.
func TestMain(m *testing.M) {
	code := m.Run()
	if err := parseAsTiDB(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		code = 1
	}
	os.Exit(code)
}

func parseAsTiDB(ctx context.Context) error {
	statements, err := storagetest.Statements(ctx)
	if err != nil {
		return fmt.Errorf("statements of the tests: %w", err)
	}
	tidb := parser.New()
	for _, statement := range statements {
		if _, err := tidb.ParseOneStmt(statement, "utf8mb4", "utf8mb4_bin"); err != nil {
			return fmt.Errorf("TiDB cannot read %.1000q: %w", statement, err)
		}
	}
	return nil
}
