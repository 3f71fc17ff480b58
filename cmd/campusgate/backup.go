package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"campusgate/config"
	"campusgate/storage"
)

func setupBackup(p process, flags *flag.FlagSet) func(context.Context, *config.Config) error {
	secrets := flags.Bool("secrets", false, "put accounts.secret and the files that CAMPUSGATE_…_FILE variables name into it as well")
	return func(ctx context.Context, c *config.Config) error {
		if err := needEmbedded(c); err != nil {
			return err
		}
		if _, err := os.Stat(c.Database.DSN.Reveal()); err != nil {
			return fmt.Errorf("database.dsn: %w", err) // to connect would make it
		}
		return p.withDatabase(ctx, c, connect, func(db *storage.DB) error {
			b := backup{
				archiveCount: archiveCount{progress: newProgress(p.stderr, time.Now), verb: "archived"},
				db:           db, pictures: c.Pictures.Dir,
			}
			if *secrets {
				b.secrets = secretFiles(p.environ)
				maps.Copy(b.secrets, accountSecretFiles(c))
			}
			if err := b.run(ctx, flags.Arg(0)); err != nil {
				return err
			}
			if own := accountSecretFiles(c)[secretName]; own != "" && !*secrets {
				fmt.Fprintf(p.stderr, "%s is not in it, and identities are lost without it: keep a copy where you keep secrets\n", own)
			}
			return nil
		})
	}
}

// needEmbedded refuses what other servers' own tools do.
func needEmbedded(c *config.Config) error {
	switch {
	case c.Database.Driver != "sqlite":
		return errors.New("database.driver: only the embedded default is backed up and restored; a server's database by its own tools")
	case c.Pictures.Store != "disk":
		return errors.New("pictures.store: only the embedded default is backed up and restored; a bucket by its provider's tools")
	}
	return nil
}

// secretFiles are the files that variables name, by the variable.
func secretFiles(environ []string) map[string]string {
	files := map[string]string{}
	for _, entry := range environ {
		name, file, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "CAMPUSGATE_") && strings.HasSuffix(name, "_FILE") {
			files[name] = file
		}
	}
	return files
}

// accountSecretFiles are the files that the server has made for accounts.secret, by name.
func accountSecretFiles(c *config.Config) map[string]string {
	files := map[string]string{}
	own := secretFile(c)
	for name, file := range map[string]string{secretName: own, secretName + oldSecret: own + oldSecret} {
		if _, err := os.Stat(file); own != "" && err == nil {
			files[name] = file
		}
	}
	return files
}

// A backup is one of the embedded default, while it runs.
type backup struct {
	archiveCount
	db       *storage.DB
	pictures string            // the folder
	secrets  map[string]string // files, by variable or name
}

// run writes the archive under another name, reads it again, and only then gives it
// its own.
func (b *backup) run(ctx context.Context, target string) error {
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already", target)
	}
	part := target + ".part"
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return whoMayNot(err, filepath.Dir(target))
	}
	err = b.write(ctx, file, part+".db")
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		if _, err = file.Seek(0, io.SeekStart); err == nil {
			err = readArchive(file, func(*tar.Header, io.Reader) error { return ctx.Err() })
		}
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(part, target)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", target, err), os.RemoveAll(part))
	}
	b.finish()
	return nil
}

// write archives the database before the pictures: each picture that it knows of is
// there by then. The database is copied to a file beside the archive first.
func (b *backup) write(ctx context.Context, to io.Writer, copied string) (err error) {
	archive, err := newArchiveWriter(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(copied)) }()
	secretsBefore, err := b.readSecrets()
	if err != nil {
		return err
	}
	if err := b.db.Backup(ctx, copied); err != nil {
		return err
	}
	if err := b.addFile(archive, archiveDatabase, copied); err != nil {
		return err
	}
	if err := b.addPictures(ctx, archive); err != nil {
		return err
	}
	for name, file := range b.secrets {
		if err := b.addFile(archive, archiveSecrets+name, file); err != nil {
			return err
		}
	}
	// The database that was copied may have been sealed by a secret that is gone by now.
	if secrets, err := b.readSecrets(); err != nil || !maps.Equal(secrets, secretsBefore) {
		return errors.Join(errors.New("a secret was changed meanwhile: back up again"), err)
	}
	return archive.close()
}

// readSecrets are the contents of the files of secrets.
func (b *backup) readSecrets() (map[string]string, error) {
	contents := map[string]string{}
	for name, file := range b.secrets {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		contents[name] = string(content)
	}
	return contents, nil
}

func (b *backup) addFile(archive *archiveWriter, name, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	b.add(info.Size())
	return archive.add(name, info.Size(), info.ModTime(), file)
}

// addPictures leaves out what is being written, and what is removed meanwhile.
func (b *backup) addPictures(ctx context.Context, archive *archiveWriter) error {
	err := fs.WalkDir(os.DirFS(b.pictures), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != ".":
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return ctx.Err()
		}
		picture, err := os.ReadFile(filepath.Join(b.pictures, name)) // whole, as it is replaced
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		b.add(int64(len(picture)))
		return archive.add(archivePictures+name, int64(len(picture)), time.Now(), bytes.NewReader(picture))
	})
	if errors.Is(err, fs.ErrNotExist) { // no picture was ever stored
		return nil
	}
	return err
}
