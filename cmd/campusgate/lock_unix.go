//go:build unix

package main

import (
	"os"
	"syscall"
)

// lockFile locks a file until it is closed. It fails with EWOULDBLOCK where it is
// locked already.
func lockFile(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
