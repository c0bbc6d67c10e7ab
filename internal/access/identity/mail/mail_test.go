package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/access/identity/mail"
)

// server is a small SMTP server (RFC 5321, 3207, 4954) that keeps one mail.
type server struct {
	listener net.Listener
	tls      *tls.Config // nil = it offers no STARTTLS
	wrap     *tls.Config // it speaks TLS from the first byte
	login    bool        // it wants AUTH PLAIN
	got      chan string
}

func serve(t *testing.T, s *server) mail.Config {
	t.Helper()
	var err error
	s.listener, err = net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.got = make(chan string, 1)
	done := make(chan struct{})
	var mu sync.Mutex
	var open []net.Conn
	go func() {
		defer close(done)
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			if s.wrap != nil {
				conn = tls.Server(conn, s.wrap)
			}
			s.talk(conn)
		}
	}()
	t.Cleanup(func() {
		_ = s.listener.Close()
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		<-done
	})
	port := s.listener.Addr().(*net.TCPAddr).Port
	return mail.Config{Host: "127.0.0.1", Port: port, TLS: mail.StartTLS, From: "oasis@lab.example", Name: "Lämp Lab"}
}

func (s *server) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(conn)
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 mail.example ESMTP")
	var log strings.Builder
	secure := false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if verb != "EHLO" {
			log.WriteString(line + "\n")
		}
		switch verb {
		case "EHLO":
			say("250-mail.example")
			if s.tls != nil && !secure {
				say("250-STARTTLS")
			}
			if s.login {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go ahead")
			over := tls.Server(conn, s.tls)
			conn, r, secure = over, bufio.NewReader(over), true
		case "AUTH":
			say("235 welcome")
		case "DATA":
			say("354 end with a dot")
			for {
				text, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if text == ".\r\n" {
					break
				}
				log.WriteString(text)
			}
			s.got <- log.String()
			say("250 kept")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// certificate makes one for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (serverSide, clientSide *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12},
		&tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

func sender(c mail.Config) mail.Sender {
	return mail.Sender{Config: func() (mail.Config, bool) { return c, true }}
}

func TestMailIsHandedOverByStartTLS(t *testing.T) {
	t.Parallel()
	s := &server{login: true}
	var trust *tls.Config
	s.tls, trust = certificate(t)
	c := serve(t, s)
	c.Trust, c.User, c.Password, c.CC = trust, "oasis", "geheim", "copy@lab.example"
	if err := sender(c).Send(t.Context(), "jane@lab.example", "Grüße", "Dear Jane,\n\n.this line begins with a dot\n"); err != nil {
		t.Fatal(err)
	}
	got := <-s.got
	for _, want := range []string{
		"STARTTLS", "AUTH PLAIN", "MAIL FROM:<oasis@lab.example>", "RCPT TO:<jane@lab.example>", "RCPT TO:<copy@lab.example>",
		"Auto-Submitted: auto-generated", "Subject: =?UTF-8?", "..this line begins with a dot",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Index(got, "STARTTLS") > strings.Index(got, "AUTH") {
		t.Error("the password went before the encryption")
	}
}

func TestNoMailGoesInTheClearUnlessTheOperatorSaysSo(t *testing.T) {
	t.Parallel()
	s := &server{}
	c := serve(t, s)
	if err := sender(c).Send(t.Context(), "jane@lab.example", "x", "y"); err == nil {
		t.Error("a server without STARTTLS got the mail")
	}
	c.TLS = mail.None
	if err := sender(c).Send(t.Context(), "jane@lab.example", "x", "y"); err != nil {
		t.Error(err)
	}
	<-s.got
}

func TestMailIsHandedOverByImplicitTLS(t *testing.T) {
	t.Parallel()
	keys, trust := certificate(t)
	s := &server{wrap: keys}
	c := serve(t, s)
	c.TLS, c.Trust = mail.Implicit, trust
	if err := sender(c).Send(t.Context(), "jane@lab.example", "x", "y"); err != nil {
		t.Fatal(err)
	}
	if got := <-s.got; !strings.Contains(got, "RCPT TO:<jane@lab.example>") {
		t.Error(got)
	}
}

func TestForeignCertificateIsRefused(t *testing.T) {
	t.Parallel()
	s := &server{}
	s.tls, _ = certificate(t)
	c := serve(t, s)
	_, c.Trust = certificate(t)
	if err := sender(c).Send(t.Context(), "jane@lab.example", "x", "y"); err == nil {
		t.Error("a server with a foreign certificate got the mail")
	}
}

func TestHeadersCannotBeSmuggledIn(t *testing.T) {
	t.Parallel()
	s := &server{}
	c := serve(t, s)
	c.TLS = mail.None
	if err := sender(c).Send(t.Context(), "jane@lab.example\r\nBcc: eve@evil.example", "x", "y"); err == nil {
		t.Error("a recipient with a line break was taken")
	}
	if err := sender(c).Send(t.Context(), "jane@lab.example", "x\r\nBcc: eve@evil.example", "y"); err == nil {
		if got := <-s.got; strings.Contains(got, "\nBcc:") {
			t.Errorf("a subject made a header:\n%s", got)
		}
	}
}

func TestReadyNeedsServerAndSender(t *testing.T) {
	t.Parallel()
	for want, c := range map[bool]mail.Config{true: {Host: "h", From: "f@x.example"}, false: {Host: "h"}} {
		if got := sender(c).Ready(); got != want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
