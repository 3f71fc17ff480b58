//go:build unix

package pictures

import (
	"io/fs"
	"os"
	"syscall"
)

// inode distinguishes a file from the one that it replaced, where times are coarse.
func inode(info fs.FileInfo) any {
	if status, ok := info.Sys().(*syscall.Stat_t); ok {
		return status.Ino
	}
	return 0
}

// syncFolder waits until the names in a folder are on the disk.
func syncFolder(folder *os.File) error { return folder.Sync() }
