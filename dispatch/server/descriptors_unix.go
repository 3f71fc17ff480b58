//go:build unix

package server

import "syscall"

// maxDescriptors is how many file descriptors the process may open, 0 for as good as
// any number.
func maxDescriptors() int {
	const many = 1 << 20
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) != nil || files.Cur >= many {
		return 0
	}
	return int(files.Cur)
}
