package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"campusgate/config"
	"campusgate/storage"
)

func setupRestore(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	secrets := flags.String("secrets", "", "write the archive's secrets into this `FOLDER`; without it they are left out")
	return func(ctx context.Context, c *config.Config) error {
		if err := needEmbedded(c); err != nil {
			return err
		}
		unlock, err := lockData(c)
		if err != nil {
			return err
		}
		defer unlock()
		r := restore{
			archiveCount: archiveCount{progress: newProgress(p.stderr, time.Now), verb: "restored"},
			database:     c.Database.DSN.Reveal(), pictures: c.Pictures.Dir, secrets: *secrets,
		}
		return r.run(ctx, flags.Arg(0))
	}
}

// A restore writes an archive beside the places of the database and of the pictures,
// and moves it there when all of it is whole.
type restore struct {
	archiveCount
	database, pictures, secrets string

	written []string // secrets
}

// beside ends the names of what is not whole yet.
const beside = ".restoring"

func (r *restore) run(ctx context.Context, archive string) (err error) {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := r.needRoom(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			for _, secret := range r.written {
				err = errors.Join(err, os.RemoveAll(secret))
			}
		}
		err = errors.Join(err, os.RemoveAll(r.database+beside), os.RemoveAll(r.pictures+beside))
	}()
	if err := os.MkdirAll(r.pictures+beside, 0o750); err != nil {
		return whoMayNot(err, r.pictures)
	}
	if err := readArchive(file, func(header *tar.Header, content io.Reader) error { return r.write(ctx, header, content) }); err != nil {
		return fmt.Errorf("restore %s: %w", archive, err)
	}
	if err := storage.Verify(ctx, r.database+beside); err != nil {
		return fmt.Errorf("restore %s: %w", archive, err)
	}
	return r.move()
}

// needRoom refuses to touch data that is there.
func (r *restore) needRoom() error {
	for _, name := range []string{r.database, r.database + "-wal"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("database.dsn: %s is there already: restore needs a folder without data", name)
		}
	}
	stored, err := os.ReadDir(r.pictures)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pictures.dir: %w", err)
	}
	if len(stored) > 0 {
		return fmt.Errorf("pictures.dir: %s is not empty: restore needs a folder without data", r.pictures)
	}
	return nil
}

// write writes one file of the archive, and reads it again.
func (r *restore) write(ctx context.Context, header *tar.Header, content io.Reader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var path string
	var mode fs.FileMode = 0o600
	name := filepath.FromSlash(header.Name)
	switch {
	case header.Typeflag != tar.TypeReg || !filepath.IsLocal(name):
		return errors.New("is not of campusgate's archives")
	case header.Name == archiveDatabase:
		path = r.database + beside
	case strings.HasPrefix(header.Name, archivePictures):
		path, mode = filepath.Join(r.pictures+beside, strings.TrimPrefix(header.Name, archivePictures)), 0o640
	case strings.HasPrefix(header.Name, archiveSecrets) && r.secrets == "":
		return nil
	case strings.HasPrefix(header.Name, archiveSecrets):
		path = filepath.Join(r.secrets, strings.TrimPrefix(header.Name, archiveSecrets))
	default:
		return errors.New("is not of campusgate's archives")
	}
	r.add(header.Size)
	err := whoMayNot(writeAndRead(path, mode, content), filepath.Dir(path))
	if strings.HasPrefix(header.Name, archiveSecrets) && !errors.Is(err, fs.ErrExist) {
		r.written = append(r.written, path)
	}
	return err
}

// writeAndRead writes a new file, and compares what the disk has of it then.
func writeAndRead(path string, mode fs.FileMode, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	written, read := sha256.New(), sha256.New()
	_, err = io.Copy(io.MultiWriter(file, written), content)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(read, file)
	}
	if err == nil && string(written.Sum(nil)) != string(read.Sum(nil)) {
		err = fmt.Errorf("%s was written, but reads back differently", path)
	}
	return errors.Join(err, file.Close())
}

// move moves the database last: where it is, all is.
func (r *restore) move() error {
	if err := os.Remove(r.pictures); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(r.pictures+beside, r.pictures); err != nil {
		return err
	}
	if err := os.Rename(r.database+beside, r.database); err != nil {
		return err
	}
	r.finish()
	return nil
}
