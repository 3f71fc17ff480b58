package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"campusgate/config"
	"campusgate/storage"
	"campusgate/storage/pictures"
)

func setupPictureRemove(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	return func(ctx context.Context, c *config.Config) error {
		key, ok := keyOf(flags.Arg(0))
		if !ok {
			return p.misused(flags, "FROM/NAME must be as in the picture's URL, such as shop/tea.png")
		}
		return p.withDatabase(ctx, c, p.openDatabase, func(db *storage.DB) error {
			store, err := openPictures(c)
			if err != nil {
				return err
			}
			defer func() { _ = store.close() }() // what was removed was confirmed
			return removePicture(ctx, db, store, key)
		})
	}
}

// keyOf reads FROM/NAME. A digest is stored in small letters.
func keyOf(text string) (key pictures.Key, ok bool) {
	from, name, found := strings.Cut(text, "/")
	if pictures.IsDigest(name) {
		name = strings.ToLower(name)
	}
	return pictures.Key{From: from, Name: name}, found && from != "" && name != ""
}

// removePicture removes the bytes before the row, and tells the replicas last: one that
// reads the picture again meanwhile does not find it.
func removePicture(ctx context.Context, db *storage.DB, store pictureStore, key pictures.Key) error {
	missing := store.remove(ctx, key)
	if missing != nil && !errors.Is(missing, pictures.ErrNotFound) {
		return missing
	}
	owned, err := db.RemovePicture(ctx, storage.PictureName{Source: key.From, Name: key.Name}, time.Now())
	if err == nil && !owned && missing != nil {
		err = fmt.Errorf("%s: no such picture", key)
	}
	return err
}

// removalsEvery is how often a replica asks which pictures were removed.
const removalsEvery = time.Second

// forgetRemoved keeps removed pictures out of a cache until ctx ends. It forgets them
// at each turn for as long as they are told: a read that had begun before may come late.
func forgetRemoved(ctx context.Context, db *storage.DB, cache *pictures.Cache, logger *slog.Logger) {
	ticker := time.NewTicker(removalsEvery)
	defer ticker.Stop()
	for failed := false; ; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		removed, err := db.RemovedPictures(ctx, time.Now())
		if err != nil && !failed && ctx.Err() == nil {
			logger.Warn("ask for removed pictures", "error", err)
		}
		failed = err != nil
		for _, picture := range removed {
			cache.Forget(pictures.Key{From: picture.Source, Name: picture.Name})
		}
	}
}
