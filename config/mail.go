package config

import (
	"net"
	"net/mail"
	"strconv"
	"time"
)

// Mail is the server that sends mail.
type Mail struct {
	// Host is its name or address; "" sends no mail.
	Host string `toml:"host" default:""`
	// Port is its port, 1 to 65535.
	Port int `toml:"port" default:"587"`
	// Username is whom to log in as, "" for nobody.
	Username string `toml:"username" default:""`
	// Password is the user's password.
	Password Secret `toml:"password" default:""`
	// From is the sender, as noreply@example.org or Campus <noreply@example.org>. It must be set if Host is.
	From string `toml:"from" default:""`
	// TLS is starttls, which sends nothing to a server without it; tls from the first byte; or none.
	TLS string `toml:"tls" default:"starttls"`
	// Timeout bounds each mail up to the end of its text, above 0.
	Timeout time.Duration `toml:"timeout" default:"10s"`
}

func (v *validator) mail() {
	m := v.config.Mail
	v.check("mail.host", m.Host == "" || isHost(m.Host), "must be a host such as smtp.example.org, not %q", m.Host)
	between(v, "mail.port", m.Port, 1, 65535)
	v.oneOf("mail.tls", m.TLS, "starttls", "tls", "none")
	_, err := mail.ParseAddress(m.From)
	v.check("mail.from", m.From == "" || err == nil, `must be an address such as "noreply@example.org", not %q`, m.From)
	v.positive("mail.timeout", m.Timeout)
	if m.Host == "" {
		return
	}
	v.required("mail.from", m.From, "mail.host")
	if m.Password != "" {
		v.required("mail.username", m.Username, "mail.password")
		v.check("mail.tls", m.TLS != "none" || isLoopback(net.JoinHostPort(m.Host, strconv.Itoa(m.Port))),
			"must not be none with mail.password, which would be sent as it is")
	}
}
