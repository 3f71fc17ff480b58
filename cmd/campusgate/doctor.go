package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"campusgate/config"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

// errInconsistent only sets the exit status: the lines before it say what is off.
var errInconsistent = errors.New("doctor: something is inconsistent")

// A doctor prints what it finds, one line each.
type doctor struct {
	process
	db  *storage.DB
	fix bool
	off bool // something is inconsistent
}

func setupDoctor(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	fix := flags.Bool("fix", false, "add the missing words, and remove temporary files")
	return func(ctx context.Context, c *config.Config) error {
		return p.withDatabase(ctx, c, connectCurrent, func(db *storage.DB) error {
			d := doctor{process: p, db: db, fix: *fix}
			for _, look := range []func(context.Context, *config.Config) error{d.rows, d.words, d.orphans, d.pictures} {
				if err := look(ctx, c); err != nil {
					return err
				}
			}
			if d.off {
				return errInconsistent
			}
			return nil
		})
	}
}

// found prints how many there are of what should not be. With mended they are no more.
func (d *doctor) found(what string, count int64, mended bool) {
	verdict := "ok"
	switch {
	case count > 0 && mended:
		verdict = "mended"
	case count > 0:
		verdict, d.off = "OFF", true
	}
	fmt.Fprintf(d.stdout, "%s: %d: %s\n", what, count, verdict)
}

// rows counts, and tells of a table that has lost what it had. Notices are deleted, so
// that the last one may be gone as it should be.
func (d *doctor) rows(ctx context.Context, _ *config.Config) error {
	counts, err := d.db.Counts(ctx)
	for _, count := range counts {
		verdict := ""
		if count.Emptied {
			verdict = ", but there were some"
		}
		if count.Emptied && count.Kept {
			verdict, d.off = verdict+": OFF", true
		}
		fmt.Fprintf(d.stdout, "rows of %s: %d%s\n", count.Of, count.Rows, verdict)
	}
	return err
}

func (d *doctor) words(ctx context.Context, _ *config.Config) error {
	lists, err := d.db.MissingWords(ctx, d.fix)
	if err != nil {
		return err
	}
	for _, list := range lists {
		d.found(list.List+" without their words", int64(list.Missing), d.fix)
	}
	return nil
}

func (d *doctor) orphans(ctx context.Context, _ *config.Config) error {
	orders, err := d.db.OrdersWithoutProduct(ctx)
	if err != nil {
		return err
	}
	d.found("orders of products that are gone", orders, false)
	tokens, err := d.db.TokensWithoutUser(ctx)
	if err != nil {
		return err
	}
	d.found("tokens without their user", tokens, false)
	return nil
}

// pictures compares the owners' rows with what is stored. A picture that is named by
// its MD5 has no owner.
func (d *doctor) pictures(ctx context.Context, c *config.Config) error {
	owned, err := d.db.OwnedPictures(ctx)
	if err != nil {
		return err
	}
	keys := make([]pictures.Key, len(owned))
	for i, picture := range owned {
		keys[i] = pictures.Key{From: picture.Source, Name: picture.Name}
	}
	if c.Pictures.Store == "cos" {
		return d.bucket(ctx, c, keys)
	}
	return d.folder(c.Pictures.Dir, keys)
}

// bucket asks for each owned picture. To list a bucket takes a right that the gateway
// does not need.
func (d *doctor) bucket(ctx context.Context, c *config.Config, owned []pictures.Key) error {
	store, err := openPictures(c)
	if err != nil {
		return err
	}
	defer func() { _ = store.close() }() // nothing was written
	missing := int64(0)
	for _, key := range owned {
		_, err := store.Version(ctx, key)
		if errors.Is(err, pictures.ErrNotFound) {
			missing++
		} else if err != nil {
			return cosFailure(err)
		}
	}
	d.found("owned pictures that are not stored", missing, false)
	return nil
}

func (d *doctor) folder(folder string, owned []pictures.Key) error {
	contents, err := pictures.ReadContents(folder)
	if err != nil {
		return fmt.Errorf("pictures.dir: %w", err)
	}
	missing, ownerless := int64(0), int64(0)
	for _, key := range owned {
		if !contents.Files[key.File()] {
			missing++
		}
		delete(contents.Files, key.File())
	}
	for key := range contents.Files {
		if !pictures.IsDigest(key.Name) {
			ownerless++
		}
	}
	d.found("owned pictures that are not stored", missing, false)
	d.found("named pictures without an owner", ownerless, false)
	if d.fix && contents.Unfinished > 0 {
		disk, err := pictures.OpenDisk(folder) // which removes them
		if err != nil {
			return fmt.Errorf("pictures.dir: %w", whoMayNot(err, folder))
		}
		defer func() { _ = disk.Close() }() // nothing was written
	}
	d.found("temporary files", int64(contents.Unfinished), d.fix)
	return nil
}
