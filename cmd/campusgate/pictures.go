package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"campusgate/config"
	"campusgate/storage/pictures"
)

// pictureStore is where pictures are kept: in a folder, or in COS for all
// replicas.
type pictureStore struct {
	pictures.Store
	// ping reads; its errors name the key at fault.
	ping  func(context.Context) error
	close func() error
}

func openPictures(c *config.Config) (pictureStore, error) {
	if c.Pictures.Store == "cos" {
		return openCOS(c)
	}
	disk, err := pictures.OpenDisk(c.Pictures.Dir)
	if err != nil {
		return pictureStore{}, fmt.Errorf("pictures.dir: %w", err)
	}
	ping := func(context.Context) error {
		_, err := os.Stat(c.Pictures.Dir)
		return err
	}
	return pictureStore{disk, ping, disk.Close}, nil
}

// probeKey is an object beside the pictures: they are from elsewhere, so that
// nobody is shown it.
var probeKey = pictures.Key{From: "check", Name: "probe"}

func openCOS(c *config.Config) (pictureStore, error) {
	store, err := pictures.NewCOS(pictures.COSOptions{
		BucketURL: c.COS.BucketURL, SecretID: c.COS.SecretID.Reveal(), SecretKey: c.COS.SecretKey.Reveal(),
		Timeout: c.COS.Timeout,
	})
	if err != nil {
		return pictureStore{}, fmt.Errorf("cos.bucket_url: %w", err)
	}
	ping := func(ctx context.Context) error {
		if _, err := store.Get(ctx, probeKey); !errors.Is(err, pictures.ErrNotFound) {
			return cosFailure(err)
		}
		return nil
	}
	return pictureStore{store, ping, store.Close}, nil
}

// cosFailure names the keys at fault.
func cosFailure(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pictures.ErrDenied):
		return fmt.Errorf("cos.secret_id, cos.secret_key: %w", err)
	default:
		return fmt.Errorf("cos.bucket_url: %w", err)
	}
}

// checkPictures writes a picture's worth of bytes and reads them.
func checkPictures(ctx context.Context, c *config.Config) error {
	store, err := openPictures(c)
	if err != nil {
		return err
	}
	defer func() { _ = store.close() }() // what was written was confirmed
	if c.Pictures.Store == "cos" {
		return cosFailure(probe(ctx, store))
	}
	return checkFolder(c.Pictures.Dir)
}

// probe stores ten bytes and leaves them: to delete needs another right.
func probe(ctx context.Context, store pictures.Store) error {
	written := []byte("campusgate")
	if err := store.Put(ctx, probeKey, written); err != nil {
		return err
	}
	read, err := store.Get(ctx, probeKey)
	if err == nil && !bytes.Equal(read, written) {
		err = fmt.Errorf("%s was written, and has other bytes", probeKey)
	}
	return err
}

// checkFolder takes what it wrote away again.
func checkFolder(folder string) error {
	probe, err := os.CreateTemp(folder, ".check-*")
	if err != nil {
		return fmt.Errorf("pictures.dir: %w", err)
	}
	_, err = probe.WriteString("campusgate")
	return errors.Join(err, probe.Close(), os.Remove(probe.Name()))
}

// picturesPlace is the store and where it is.
func picturesPlace(c *config.Config) string {
	if c.Pictures.Store == "cos" {
		return "cos " + c.COS.BucketURL
	}
	return c.Pictures.Store + " " + c.Pictures.Dir
}
