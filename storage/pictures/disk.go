package pictures

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"syscall"
	"time"
)

// Modes of what a Disk makes: its group may read, for backups and proxies.
const (
	folderMode = 0o750
	fileMode   = 0o640
)

// unfinished is the folder of pictures that are being written: in the same file
// system, so that a rename finishes one. No key names it.
const unfinished = ".tmp"

// Disk keeps each picture as a file <from>/<name> below a folder; a name of more
// than 200 bytes is the file "~" and its SHA-256. It is safe for concurrent use,
// by several processes too. Nothing outside the folder can be reached, neither by
// a key nor through a symbolic link.
type Disk struct {
	root *os.Root
}

// OpenDisk opens a folder, makes it where it is absent, and removes what a crash
// left unfinished there.
func OpenDisk(folder string) (*Disk, error) {
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return nil, fmt.Errorf("open pictures: %w", err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("open pictures: %w", err)
	}
	if err := clearUnfinished(root); err != nil {
		return nil, errors.Join(fmt.Errorf("open pictures: %w", err), root.Close())
	}
	return &Disk{root}, nil
}

// clearUnfinished may take a file away that another process is writing: see Put.
func clearUnfinished(root *os.Root) error {
	if err := makeFolder(root, unfinished); err != nil {
		return err
	}
	leftovers, err := fs.ReadDir(root.FS(), unfinished)
	if err != nil {
		return err
	}
	for _, leftover := range leftovers {
		if err := root.RemoveAll(path.Join(unfinished, leftover.Name())); err != nil {
			return err
		}
	}
	return nil
}

func makeFolder(root *os.Root, name string) error {
	err := root.Mkdir(name, folderMode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// Close lets the folder go. The pictures stay.
func (d *Disk) Close() error { return d.root.Close() }

// Put stores a picture under a key, in place of the one that is there. When it
// returns nil, the picture survives a crash of the machine; when it fails, nothing
// of it is left, unless the disk failed to confirm a picture that is whole. Of
// concurrent calls the last one wins.
func (d *Disk) Put(ctx context.Context, key Key, picture []byte) error {
	err := key.check()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return d.failure("put picture", err)
	}
	folder := fileName(key.From)
	file := path.Join(folder, fileName(key.Name))
	err = d.write(folder, file, picture)
	if errors.Is(err, fs.ErrNotExist) {
		// Another process has opened the folder, and cleared it.
		err = d.write(folder, file, picture)
	}
	if err == nil {
		err = d.confirm(folder)
	}
	if err != nil {
		return d.failure("put picture", err)
	}
	return nil
}

// write makes the file under another name, whole and on the disk, before it takes
// its place.
func (d *Disk) write(folder, file string, picture []byte) error {
	temporary := path.Join(unfinished, rand.Text())
	err := d.writeTemporary(temporary, picture)
	if err == nil {
		err = makeFolder(d.root, folder)
	}
	if err == nil {
		err = d.root.Rename(temporary, file)
	}
	if err != nil {
		_ = d.root.Remove(temporary) // what stays is cleared by the next OpenDisk
	}
	return err
}

func (d *Disk) writeTemporary(name string, picture []byte) error {
	file, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = file.Write(picture)
	if err == nil {
		// The system's own time stands still for some milliseconds, and Version
		// has to tell two pictures apart that come within them.
		now := time.Now()
		err = d.root.Chtimes(name, now, now)
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// confirm waits until the names are on the disk: the picture's in its folder, and
// the folder's, which may be new.
func (d *Disk) confirm(folder string) error {
	for _, name := range []string{folder, "."} {
		opened, err := d.root.Open(name)
		if err != nil {
			return err
		}
		if err := errors.Join(syncFolder(opened), opened.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Get reads the picture of a key, or fails with [ErrNotFound]. A folder, a link or
// a device is no picture.
func (d *Disk) Get(ctx context.Context, key Key) ([]byte, error) {
	file, _, err := d.find(ctx, key)
	if err != nil {
		return nil, d.failure("get picture", err)
	}
	picture, err := d.root.ReadFile(file)
	if err != nil {
		return nil, d.failure("get picture", absence(err))
	}
	return picture, nil
}

// Remove removes the picture of a key, or fails with [ErrNotFound]. When it returns
// nil, the picture is gone after a crash of the machine too.
func (d *Disk) Remove(ctx context.Context, key Key) error {
	file, _, err := d.find(ctx, key)
	if err == nil {
		err = absence(d.root.Remove(file))
	}
	if err == nil {
		err = d.confirm(path.Dir(file))
	}
	if err != nil {
		return d.failure("remove picture", err)
	}
	return nil
}

// Version changes whenever the picture of a key is replaced. It reads no picture,
// and fails as Get does.
func (d *Disk) Version(ctx context.Context, key Key) (string, error) {
	_, info, err := d.find(ctx, key)
	if err != nil {
		return "", d.failure("version of picture", err)
	}
	return fmt.Sprintf("%x-%x-%x", info.ModTime().UnixNano(), info.Size(), inode(info)), nil
}

// failure adds what was tried to err, and the folder: names below it are relative.
func (d *Disk) failure(operation string, err error) error {
	return fmt.Errorf("%s in %s: %w", operation, d.root.Name(), err)
}

// find is where the picture of a key lies. It asks before anything is opened, for
// opening can wait for ever (a named pipe).
func (d *Disk) find(ctx context.Context, key Key) (file string, info fs.FileInfo, err error) {
	if key.check() != nil {
		return "", nil, ErrNotFound
	}
	if err := ctx.Err(); err != nil {
		return "", nil, err
	}
	file = path.Join(fileName(key.From), fileName(key.Name))
	info, err = d.root.Lstat(file)
	if err != nil {
		return "", nil, absence(err)
	}
	if !info.Mode().IsRegular() {
		return "", nil, ErrNotFound
	}
	return file, info, nil
}

// absence distinguishes a picture that is not there from a disk that failed.
func absence(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return ErrNotFound
	}
	return err
}
