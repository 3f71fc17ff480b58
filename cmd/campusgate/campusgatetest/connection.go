package campusgatetest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"testing"
)

// Connection is a kept connection of a client that costs next to nothing itself:
// server and clients share the machine.
type Connection struct {
	net.Conn

	// Number counts those that were dialed together, from 0.
	Number int
	// Body is the last answer's, until the next.
	Body []byte
	// Request is kept for a work whose request changes.
	Request []byte

	reader *bufio.Reader
}

// Work is done once on a connection.
type Work func(*Connection) error

// Dial opens connections, by turns to each address.
func Dial(t testing.TB, addresses []string, count int) []*Connection {
	t.Helper()
	connections := make([]*Connection, count)
	for i := range connections {
		dialed, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addresses[i%len(addresses)])
		Must(t, err)
		t.Cleanup(func() { _ = dialed.Close() })
		connections[i] = &Connection{Conn: dialed, Number: i, reader: bufio.NewReaderSize(dialed, 64<<10)}
	}
	return connections
}

// Ask sends a request and reads its answer.
func (c *Connection) Ask(request []byte) (status int, err error) {
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
	if length == streamed {
		return status, c.readStreamed()
	}
	c.Body = slices.Grow(c.Body[:0], length)[:length]
	_, err = io.ReadFull(c.reader, c.Body)
	return status, err
}

// streamed is the length of a body that comes in chunks.
const streamed = -1

// readStreamed reads such a body, and the empty line behind it.
func (c *Connection) readStreamed() (err error) {
	body := bytes.NewBuffer(c.Body[:0])
	if _, err = body.ReadFrom(httputil.NewChunkedReader(c.reader)); err == nil {
		_, err = c.reader.ReadSlice('\n')
	}
	c.Body = body.Bytes()
	return err
}

// header reads to the end of the header and returns the body's length.
func (c *Connection) header() (length int, err error) {
	const name, encoding = "content-length:", "transfer-encoding: chunked"
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
		if bytes.EqualFold(bytes.TrimSpace(line), []byte(encoding)) {
			length = streamed
		}
	}
}

// Asking repeats one request, whose answers have this HTTP status.
func Asking(request []byte, status int) Work {
	return func(c *Connection) error {
		got, err := c.Ask(request)
		if err == nil && got != status {
			err = fmt.Errorf("HTTP status %d, want %d: %.200s", got, status, c.Body)
		}
		return err
	}
}

// Getting is a GET, with further header lines, each with its end.
func Getting(path, headers string) []byte {
	return []byte("GET " + path + " HTTP/1.1\r\nHost: campus\r\n" + headers + "\r\n")
}

// Posting is a POST below the base path.
func Posting(path, body string) []byte {
	return fmt.Appendf(nil, "POST /api/external%s HTTP/1.1\r\nHost: campus\r\n"+
		"Content-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}
