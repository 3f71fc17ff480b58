package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"campusgate/config"
	"campusgate/storage"
)

// errOff only sets the exit status: the lines before it say what is off.
var errOff = errors.New("audit: something is off")

// auditTime is the most that reading the ledger may take.
const auditTime = time.Hour

func setupAudit(p process, _ *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, connectCurrent, func(db *storage.DB) error {
			report, err := db.Within(auditTime).CheckLedger(ctx)
			if err != nil {
				return err
			}
			for _, check := range report.Checks {
				verdict := "ok"
				if len(check.Off) > 0 {
					verdict = "OFF"
				}
				fmt.Fprintf(p.stdout, "%s: %s: %s\n", check.Name, check.Figures, verdict)
			}
			off := report.Off()
			for _, line := range off {
				fmt.Fprintf(p.stdout, "OFF: %s\n", line)
			}
			if len(off) > 0 {
				return errOff
			}
			return nil
		})
	}
}
