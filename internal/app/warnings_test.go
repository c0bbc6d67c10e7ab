package app

import (
	"bufio"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/token"
	"oasis/internal/config"
)

// mailbox is a mail server that counts what it is given.
func mailbox(t *testing.T) (port int, mails chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	mails = make(chan string, 100)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			receive(conn, mails)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, mails
}

func receive(conn net.Conn, mails chan<- string) {
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte("220 ready\r\n"))
	text, inside := "", false
	for r := bufio.NewScanner(conn); r.Scan(); {
		line := r.Text()
		answer := "250 ok"
		switch {
		case inside && line == ".":
			inside = false
			mails <- text
		case inside:
			text += line + "\n"
			continue
		case line == "DATA":
			inside, answer = true, "354 go on"
		case line == "QUIT":
			answer = "221 bye"
		}
		_, _ = conn.Write([]byte(answer + "\r\n"))
	}
}

func TestOwnersAreWarnedBeforeTokensEnd(t *testing.T) {
	t.Parallel()
	port, mails := mailbox(t)
	folder := t.TempDir()
	sources := config.Options{DataDir: folder, WorkDir: folder, Env: []string{
		"NOMAD_MAIL_ENABLED=true", "NOMAD_MAIL_HOST=127.0.0.1", "NOMAD_MAIL_PORT=" + strconv.Itoa(port), "NOMAD_MAIL_TLS=none",
		"NOMAD_MAIL_FROM_ADDRESS=oasis@lab.example",
	}}
	cfg, _, err := config.Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Config: cfg, Sources: sources, DataDir: folder, Log: slog.New(slog.DiscardHandler)}
	now := time.Now()
	opts.Now = func() time.Time { return now }
	dir, err := OpenDataDir(opts.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := openCore(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.close() })
	u, err := c.people.Add(t.Context(), identity.NewUser{Username: "ada", Email: "ada@lab.example"})
	if err != nil {
		t.Fatal(err)
	}
	create := func(name string, days int, used bool) {
		p, _, err := c.tokens.Create(t.Context(), u.ID, token.New{Name: name, Scopes: []string{"uploads:read"}, Lifetime: token.Days(days)})
		if err != nil {
			t.Fatal(err)
		}
		if used {
			if err := c.db.Tokens().TouchPATs(t.Context(), map[string]token.Use{p.ID: {At: now, From: netip.MustParseAddr("192.0.2.1")}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	create("robot", 10, true)
	create("never used", 10, false)
	create("far away", 30, true)
	warn := func(want int) {
		t.Helper()
		for range 2 { // the second time nobody is told again
			if err := c.warnOfEndingTokens(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(mails) != want {
			t.Fatalf("%d mails, want %d", len(mails), want)
		}
	}
	warn(1)
	if text := <-mails; !strings.Contains(text, "\"robot\"") || !strings.Contains(text, "ada@lab.example") {
		t.Errorf("mail: %s", text)
	}
	now = now.Add(8 * 24 * time.Hour)
	warn(1) // the second warning of the same token
	<-mails
	now = now.Add(10 * 24 * time.Hour)
	warn(1) // the one that was far away
}
