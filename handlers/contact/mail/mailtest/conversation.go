package mailtest

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
)

// A conversation is what is said on one connection.
type conversation struct {
	*Server
	connection net.Conn
	text       *textproto.Conn
	secured    bool
	loggedIn   bool
	message    Message
}

func (s *Server) converse(connection net.Conn) {
	c := &conversation{Server: s, connection: connection, text: textproto.NewConn(connection), secured: s.secure == "tls"}
	if c.say("greeting", "220 mail.example.org ready") != nil {
		return
	}
	for {
		line, err := c.text.ReadLine()
		if err != nil || c.obey(line) != nil {
			return
		}
	}
}

// say answers a command, in the way that the server was told to.
func (c *conversation) say(command, reply string) error {
	c.mutex.Lock()
	told, hanging := c.answers[command], c.hanging == command
	c.mutex.Unlock()
	if hanging {
		_, _ = io.Copy(io.Discard, c.connection) // until the client gives up
		return io.EOF
	}
	if told != "" {
		reply = told
	}
	return c.text.PrintfLine("%s", reply)
}

// obey answers a line. An error ends the connection.
func (c *conversation) obey(line string) error {
	command, argument, _ := strings.Cut(line, " ")
	switch command = strings.ToUpper(command); command {
	case "EHLO":
		return c.hello()
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.authenticate(argument)
	case "MAIL", "RCPT":
		return c.envelope(command, argument)
	case "DATA":
		return c.data()
	case "NOOP", "RSET":
		return c.say(command, "250 2.0.0 ok")
	case "QUIT":
		_ = c.say(command, "221 2.0.0 bye")
		return io.EOF
	default:
		return c.say(command, "502 5.5.1 unknown command")
	}
}

func (c *conversation) hello() error {
	lines := []string{"mail.example.org", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"}
	if c.secure == "starttls" && !c.secured {
		lines = append(lines, "STARTTLS")
	}
	if c.secured || c.secure == "none" {
		c.mutex.Lock()
		lines = append(lines, "AUTH "+c.ways)
		c.mutex.Unlock()
	}
	last := len(lines) - 1
	return c.say("EHLO", "250-"+strings.Join(lines[:last], "\r\n250-")+"\r\n250 "+lines[last])
}

func (c *conversation) startTLS() error {
	if err := c.say("STARTTLS", "220 2.0.0 go ahead"); err != nil {
		return err
	}
	secured := tls.Server(c.connection, c.files.config)
	if err := secured.HandshakeContext(c.t.Context()); err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	c.connection, c.text, c.secured = secured, textproto.NewConn(secured), true
	return nil
}

// authenticate knows PLAIN with an initial response, and LOGIN.
func (c *conversation) authenticate(argument string) error {
	method, response, _ := strings.Cut(argument, " ")
	given := []string{""}
	switch strings.ToUpper(method) {
	case "PLAIN":
		given = strings.Split(decoded(response), "\x00")
	case "LOGIN":
		for _, question := range []string{"Username:", "Password:"} {
			if err := c.text.PrintfLine("334 %s", base64.StdEncoding.EncodeToString([]byte(question))); err != nil {
				return err
			}
			line, err := c.text.ReadLine()
			if err != nil {
				return err
			}
			given = append(given, decoded(line))
		}
	}
	if !slices.Equal(given, []string{"", Username, Password}) {
		return c.say("AUTH", "535 5.7.8 wrong: "+response) // some servers repeat what they were sent
	}
	c.loggedIn = true
	return c.say("AUTH", "235 2.7.0 welcome")
}

func decoded(text string) string {
	bytes, _ := base64.StdEncoding.DecodeString(text)
	return string(bytes)
}

// envelope takes the sender or the recipient.
func (c *conversation) envelope(command, argument string) error {
	_, rest, _ := strings.Cut(argument, "<")
	address, _, _ := strings.Cut(rest, ">")
	c.mutex.Lock()
	refusal := c.replies[address]
	c.mutex.Unlock()
	switch {
	case !c.loggedIn:
		return c.say(command, "530 5.7.0 log in first")
	case command == "MAIL":
		c.message = Message{From: address}
		return c.say(command, "250 2.1.0 ok")
	case refusal != "":
		return c.say(command, refusal)
	}
	c.message.To = address
	return c.say(command, "250 2.1.5 ok")
}

func (c *conversation) data() error {
	if c.message.To == "" {
		return c.say("DATA", "503 5.5.1 nobody to send it to")
	}
	if err := c.say("DATA", "354 go on"); err != nil {
		return err
	}
	// Line ends as they were sent: textproto would hide a bare one.
	var text strings.Builder
	for {
		line, err := c.text.R.ReadString('\n')
		if err != nil {
			return err
		}
		if line == ".\r\n" {
			break
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
	c.message.Text = text.String()
	c.mutex.Lock()
	told, mute, arriving := c.answers["."], c.mute, c.arriving
	c.mutex.Unlock()
	arriving()
	if told == "" {
		c.event(func() { c.messages = append(c.messages, c.message) })
	}
	if mute {
		return io.EOF
	}
	return c.say(".", "250 2.0.0 taken")
}
