package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// connection is a kept connection of a client that costs next to nothing itself:
// server and clients share the machine.
type connection struct {
	net.Conn
	number int // from 0
	reader *bufio.Reader
	// body is the last answer's, until the next.
	body []byte
	kept []byte // a work's own request, if it changes
}

// work is what is measured, done once on a connection.
type work func(*connection) error

// dial opens connections, by turns to each address.
func dial(t testing.TB, addresses []string, count int) []*connection {
	t.Helper()
	connections := make([]*connection, count)
	for i := range connections {
		dialed, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addresses[i%len(addresses)])
		must(t, err)
		t.Cleanup(func() { _ = dialed.Close() })
		connections[i] = &connection{Conn: dialed, number: i, reader: bufio.NewReaderSize(dialed, 64<<10)}
	}
	return connections
}

func closeAll(connections []*connection) {
	for _, c := range connections {
		_ = c.Close()
	}
}

// ask sends a request and reads its answer.
func (c *connection) ask(request []byte) (status int, err error) {
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, fmt.Errorf("answered %q", line)
	}
	if status, err = strconv.Atoi(string(line[len("HTTP/1.1 "):len("HTTP/1.1 200")])); err != nil {
		return 0, err
	}
	length, err := c.header()
	if err != nil {
		return 0, err
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	_, err = io.ReadFull(c.reader, c.body)
	return status, err
}

// header reads to the end of the header and tells the body's length.
func (c *connection) header() (length int, err error) {
	const name = "content-length:"
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= len("\r\n") {
			return length, nil
		}
		if len(line) > len(name) && bytes.EqualFold(line[:len(name)], []byte(name)) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(name):]))); err != nil {
				return 0, err
			}
		}
	}
}

// asking repeats one request, whose answers have this HTTP status.
func asking(request []byte, status int) work {
	return func(c *connection) error {
		got, err := c.ask(request)
		if err == nil && got != status {
			err = fmt.Errorf("HTTP status %d, want %d: %.200s", got, status, c.body)
		}
		return err
	}
}

// getting is a GET, with further header lines, each with its end.
func getting(path, headers string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: campus\r\n" + headers + "\r\n")
}

// posting is a POST below the base path.
func posting(path, body string) []byte {
	return fmt.Appendf(nil, "POST /api/external%s HTTP/1.1\r\nHost: campus\r\n"+
		"Content-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

// round is what all connections together did in one slice of time.
type round struct {
	took  time.Duration
	times []time.Duration // of each work
}

func (r round) perSecond() float64 { return float64(len(r.times)) / r.took.Seconds() }

// rush has every connection work without a pause, for the slice and to the end of
// what it has begun.
func rush(t testing.TB, connections []*connection, work work, slice time.Duration) round {
	t.Helper()
	times := make([][]time.Duration, len(connections))
	begin := time.Now()
	var group sync.WaitGroup
	for i, connection := range connections {
		group.Go(func() {
			for now := begin; ; {
				if err := work(connection); err != nil {
					t.Error(err)
					return
				}
				end := time.Now()
				times[i] = append(times[i], end.Sub(now))
				if now = end; now.Sub(begin) >= slice {
					return
				}
			}
		})
	}
	group.Wait()
	done := round{took: time.Since(begin), times: slices.Concat(times...)}
	if t.Failed() {
		t.FailNow()
	}
	return done
}

// pace begins work at a fixed rate, whether or not earlier work is done, on
// whichever connection is free. Times count from before there is one, so that a
// server that falls behind cannot hide it. How late the client itself woke is told
// beside them.
func pace(t testing.TB, connections []*connection, work work, perSecond, count int) (done round, late []time.Duration) {
	t.Helper()
	free := make(chan *connection, len(connections))
	for _, c := range connections {
		free <- c
	}
	times, late := make([]time.Duration, count), make([]time.Duration, count)
	begin := time.Now()
	var group sync.WaitGroup
	for i := range count {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
		time.Sleep(time.Until(due))
		woken := time.Now()
		late[i] = woken.Sub(due)
		group.Go(func() {
			c := <-free
			defer func() { free <- c }()
			if err := work(c); err != nil {
				t.Error(err)
			}
			times[i] = time.Since(woken)
		})
	}
	group.Wait()
	return round{took: time.Since(begin), times: times}, late
}

// percentile is one of 0 to 100 of the times.
func percentile(times []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}
