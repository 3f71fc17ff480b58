package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// whoMayNot says who may not write where, in place of the words of the database or
// the store that failed with err: those name no user, and SQLite's not even a folder.
// It is err where that is not the cause.
func whoMayNot(err error, path string) error {
	if err == nil {
		return nil
	}
	refused := tryWriting(path)
	if !errors.Is(refused, fs.ErrPermission) && !errors.Is(refused, syscall.EROFS) {
		return err
	}
	return refused
}

// tryWriting tries to write a file, or in a folder, and leaves nothing behind. What is
// absent would be made: it tries the folder that is there.
func tryWriting(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	for errors.Is(err, fs.ErrNotExist) && path != filepath.Dir(path) {
		path = filepath.Dir(path)
		if info, err = os.Stat(path); err == nil && !info.IsDir() {
			return &fs.PathError{Op: "open", Path: path, Err: syscall.ENOTDIR}
		}
	}
	if err == nil {
		err = tryWritingIn(path, info)
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not write in %s: %w", whoami(), path, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("nobody may write in %s: %w", path, err)
	default:
		return err
	}
}

func tryWritingIn(path string, info fs.FileInfo) error {
	if !info.IsDir() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return file.Close()
	}
	probe, err := os.CreateTemp(path, ".check-*")
	if err != nil {
		return err
	}
	_, err = probe.WriteString("campusgate") // a full disk makes a file, and no more
	return errors.Join(err, probe.Close(), os.Remove(probe.Name()))
}

// whoami is the user of this process, by number where the machine knows no name.
func whoami() string {
	id := strconv.Itoa(os.Geteuid())
	if known, err := user.LookupId(id); err == nil {
		return "user " + known.Username + " (" + id + ")"
	}
	return "user " + id
}
