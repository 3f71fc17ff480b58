package server

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundUnsent has the system take no more of an answer than about so many bytes which
// it has not sent yet. It would take 4 MiB, and ask for more when a third of them has
// gone: too late for a client that has a time-out for each quota.
func boundUnsent(connection net.Conn, bytes int) {
	if socket, ok := connection.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			_ = raw.Control(func(fd uintptr) {
				_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, bytes) // no other socket has it
			})
		}
	}
}
