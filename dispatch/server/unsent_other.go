//go:build !linux

package server

import "net"

// boundUnsent is not known here.
func boundUnsent(net.Conn, int) {}
