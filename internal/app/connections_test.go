package app

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
)

// arrivals is a listener to which connections come from anywhere.
type arrivals chan net.Conn

func (a arrivals) Accept() (net.Conn, error) {
	c, ok := <-a
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (a arrivals) Close() error { close(a); return nil }

func (arrivals) Addr() net.Addr { return &net.TCPAddr{} }

// from is a connection with a remote address.
type from struct {
	net.Conn
	addr   string
	closed *int
}

func (f from) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.addr)) }

func (f from) Close() error { *f.closed++; return nil }

// One machine that opens thousands of connections and says nothing once kept everybody out.
func TestOneAddressCannotTakeAllConnections(t *testing.T) {
	t.Parallel()
	come := make(arrivals, 100)
	l := limitConnections(come, 16, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
	closed := 0
	for _, addr := range []string{
		"192.0.2.1:1", "192.0.2.1:2", "192.0.2.1:3", "192.0.2.1:4", // two are its share
		"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1", // one household
		"10.1.2.3:1", "10.1.2.3:2", "10.1.2.3:3", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3",
		"192.0.2.2:1",
	} {
		come <- from{addr: addr, closed: &closed}
	}
	var open []net.Conn
	for range 11 {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if got := open[10].RemoteAddr().String(); closed != 3 || got != "192.0.2.2:1" {
		t.Errorf("%d were closed, the last one is from %s", closed, got)
	}
	// Who closes one may open one again, and closing it twice gives no second one.
	for range 2 {
		if err := open[0].Close(); err != nil {
			t.Error(err)
		}
	}
	come <- from{addr: "192.0.2.1:5", closed: &closed}
	come <- from{addr: "192.0.2.1:6", closed: &closed}
	come <- from{addr: "192.0.2.3:1", closed: &closed}
	for _, want := range []string{"192.0.2.1:5", "192.0.2.3:1"} {
		if c, err := l.Accept(); err != nil || c.RemoteAddr().String() != want {
			t.Errorf("got %v, %v; want %s", c.RemoteAddr(), err, want)
		}
	}
}

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		come := make(arrivals, 2)
		l := limitConnections(come, 1, nil)
		closed := 0
		come <- from{addr: "192.0.2.1:1", closed: &closed}
		come <- from{addr: "192.0.2.2:1", closed: &closed}
		first, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		second := make(chan error)
		go func() {
			_, err := l.Accept()
			second <- err
		}()
		synctest.Wait()
		select {
		case err := <-second:
			t.Fatal(err, "there are more connections than may be")
		default:
		}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		if err := <-second; err != nil {
			t.Error(err)
		}
		go func() {
			_, err := l.Accept()
			second <- err
		}()
		synctest.Wait()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := <-second; !errors.Is(err, net.ErrClosed) {
			t.Errorf("a stopped server still waits: %v", err)
		}
	})
}

// The kernel sends files only over connections that show their own methods.
func TestLimitedConnectionCanStillSendFiles(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(inner, 16, nil)
	defer mustClose(t, l)
	client, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, client)
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, c)
	if limited, ok := c.(*limitedTCP); !ok || limited.TCPConn == nil {
		t.Errorf("%T hides the TCP connection", c)
	}
}

func mustClose(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
