package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"campusgate/config"
)

// lockName is the file of a data folder that the server which uses it has locked. It
// holds the server's process id, and stays when that ends.
const lockName = "campusgate.lock"

// lockData keeps the folder of an embedded database for this process: captchas, limits
// and remembered pictures are in its memory, so that two servers would contradict each
// other. Commands do not ask for it.
func lockData(c *config.Config) (unlock func(), err error) {
	if c.Database.Driver != "sqlite" {
		return func() {}, nil
	}
	folder, err := filepath.Abs(filepath.Dir(c.Database.DSN.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("database.dsn: %w", err)
	}
	unlock, err = lockFolder(folder)
	if errors.As(err, new(*fs.PathError)) {
		return func() {}, nil // no file can be made there: the database tells of it
	}
	if err != nil {
		return nil, fmt.Errorf("database.dsn: %w", err)
	}
	return unlock, nil
}

// lockFolder makes a folder where there is none, and locks it until unlock or the end
// of the process.
func lockFolder(folder string) (unlock func(), err error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(folder, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(file); err != nil {
		defer file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			holder, _ := io.ReadAll(file)
			return nil, fmt.Errorf("the folder %s is in use by process %s", folder, strings.TrimSpace(string(holder)))
		}
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	// A full disk is no reason to refuse: the id is for people.
	_ = file.Truncate(0)
	_, _ = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return func() { _ = file.Close() }, nil
}
