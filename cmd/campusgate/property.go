package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"

	"campusgate/config"
	"campusgate/storage"
)

func setupPropertyRemove(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		id, err := strconv.ParseInt(flags.Arg(0), 10, 64)
		if err != nil {
			return p.misused(flags, "ID must be a notice's number")
		}
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			err := db.RemoveProperty(ctx, id)
			if errors.Is(err, storage.ErrNotFound) {
				return fmt.Errorf("notice %d does not exist", id)
			}
			return err
		})
	}
}
