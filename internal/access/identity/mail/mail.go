// Package mail hands messages of this Oasis to the mail server of the
// configuration (section mail).
package mail

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/wneessen/go-mail"
)

// timeout of one exchange with the mail server.
const timeout = 15 * time.Second

// The values of mail.tls.
const (
	StartTLS = "starttls"
	Implicit = "implicit"
	None     = "none"
)

// Config is the mail server.
type Config struct {
	Host string
	Port int
	// TLS is StartTLS, Implicit or None; with StartTLS a server that does not offer it is refused.
	TLS string
	// User and Password sign in to the mail server; "" = it wants nobody to.
	User, Password string
	// From is the sender's address, CC gets a copy of every mail.
	From, CC string
	// Name of the sender beside the address.
	Name string
	// Trust are the certificates the server's must come from; nil = those of the system.
	Trust *tls.Config
}

// Sender sends mail. Its configuration is asked at every use.
type Sender struct{ Config func() (Config, bool) }

// Ready tells whether mail is switched on and a server is named.
func (s Sender) Ready() bool {
	c, on := s.Config()
	return on && c.Host != "" && c.From != ""
}

// Send hands a message to the mail server, which then answers for it.
func (s Sender) Send(ctx context.Context, to, subject, text string) error {
	c, _ := s.Config()
	m := mail.NewMsg()
	if err := m.FromFormat(c.Name, c.From); err != nil {
		return fmt.Errorf("sender %q: %w", c.From, err)
	}
	if err := m.To(to); err != nil {
		return fmt.Errorf("recipient %q: %w", to, err)
	}
	if c.CC != "" {
		if err := m.Cc(c.CC); err != nil {
			return fmt.Errorf("copy to %q: %w", c.CC, err)
		}
	}
	m.Subject(subject)
	m.SetDate()
	m.SetMessageID()
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: out-of-office notes are not sent back
	m.SetBodyString(mail.TypeTextPlain, text)
	line := &line{tls: c.tls()}
	defer line.hangUp()
	client, err := mail.NewClient(c.Host, append(c.options(), mail.WithDialContextFunc(line.dial(c.TLS == Implicit)))...)
	if err != nil {
		return fmt.Errorf("set up mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return fmt.Errorf("mail server %s:%d: %w", c.Host, c.Port, err)
	}
	return nil
}

// Check connects to the mail server and signs in as for a mail, and sends none.
func (s Sender) Check(ctx context.Context) error {
	c, _ := s.Config()
	line := &line{tls: c.tls()}
	defer line.hangUp()
	client, err := mail.NewClient(c.Host, append(c.options(), mail.WithDialContextFunc(line.dial(c.TLS == Implicit)))...)
	if err != nil {
		return fmt.Errorf("set up mail: %w", err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return fmt.Errorf("mail server %s:%d: %w", c.Host, c.Port, err)
	}
	_ = client.Close() // says good-bye
	return nil
}

func (c *Config) options() []mail.Option {
	options := []mail.Option{mail.WithPort(c.Port), mail.WithTimeout(timeout), mail.WithTLSConfig(c.tls())}
	switch c.TLS {
	case Implicit:
		options = append(options, mail.WithSSL())
	case None:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if c.User != "" {
		auth := mail.SMTPAuthAutoDiscover
		if c.TLS == None { // the operator has said so; the library sends no password in the clear on its own
			auth = mail.SMTPAuthPlainNoEnc
		}
		options = append(options, mail.WithSMTPAuth(auth), mail.WithUsername(c.User), mail.WithPassword(c.Password))
	}
	return options
}

func (c *Config) tls() *tls.Config {
	if c.Trust != nil {
		return c.Trust
	}
	return &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
}

// line is the connection of one mail. The library leaves it open when the server
// offers no encryption, so it is closed here in any case.
type line struct {
	tls  *tls.Config
	conn net.Conn
}

func (l *line) dial(implicit bool) mail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var err error
		if implicit {
			l.conn, err = (&tls.Dialer{Config: l.tls}).DialContext(ctx, network, address)
		} else {
			l.conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		return l.conn, err
	}
}

func (l *line) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close() // mostly closed already
	}
}
