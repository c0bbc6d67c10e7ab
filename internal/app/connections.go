package app

import (
	"net"
	"net/netip"
	"sync"
)

// limitedListener bounds how many connections are open, in all and from one
// address, so that whoever opens many and says nothing leaves some for others.
type limitedListener struct {
	net.Listener
	free    chan struct{} // holds one for each connection that may still be opened
	most    int           // from one address
	trusted []netip.Prefix

	mu     sync.Mutex
	from   map[netip.Addr]int
	closed chan struct{}
	once   sync.Once
}

// shareOfOne is the part of all connections that one address may have.
const shareOfOne = 8

// limitConnections bounds a listener. Proxies and this machine speak for many,
// so their addresses have no limit of their own.
func limitConnections(l net.Listener, most int, trusted []netip.Prefix) net.Listener {
	limited := &limitedListener{
		Listener: l, free: make(chan struct{}, most), most: max(1, most/shareOfOne), trusted: trusted,
		from: map[netip.Addr]int{}, closed: make(chan struct{}),
	}
	for range most {
		limited.free <- struct{}{}
	}
	return limited
}

// Accept waits until another connection may be open. One beyond the share of its
// address is closed without a word.
func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case <-l.free:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			l.free <- struct{}{}
			return nil, err
		}
		release, ok := l.enter(conn.RemoteAddr())
		if !ok {
			_ = conn.Close() // nothing was said
			continue
		}
		// The server sends files by the methods of a TCP connection, which a plain net.Conn would hide.
		if tcp, isTCP := conn.(*net.TCPConn); isTCP {
			return &limitedTCP{TCPConn: tcp, release: release}, nil
		}
		return &limitedConn{Conn: conn, release: release}, nil
	}
}

// Close ends Accept too when it waits for a connection to end.
func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// enter counts a connection; the function ends it, once.
func (l *limitedListener) enter(remote net.Addr) (release func(), ok bool) {
	addr, counted := l.household(remote)
	if !counted {
		return sync.OnceFunc(func() { l.free <- struct{}{} }), true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from[addr] >= l.most {
		return nil, false
	}
	l.from[addr]++
	return sync.OnceFunc(func() {
		l.mu.Lock()
		if l.from[addr]--; l.from[addr] == 0 {
			delete(l.from, addr)
		}
		l.mu.Unlock()
		l.free <- struct{}{}
	}), true
}

// household is what counts as one address: of IPv6 the network of a household (RFC 6177).
func (l *limitedListener) household(remote net.Addr) (addr netip.Addr, counted bool) {
	tcp, is := remote.(*net.TCPAddr)
	if !is {
		return netip.Addr{}, false
	}
	addr = tcp.AddrPort().Addr().Unmap().WithZone("")
	if addr.IsLoopback() {
		return addr, false
	}
	for _, p := range l.trusted {
		if p.Contains(addr) {
			return addr, false
		}
	}
	if addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			addr = prefix.Addr()
		}
	}
	return addr, true
}

type limitedTCP struct {
	*net.TCPConn
	release func()
}

// Close fits net.Conn.
func (c *limitedTCP) Close() error {
	defer c.release()
	return c.TCPConn.Close()
}

type limitedConn struct {
	net.Conn
	release func()
}

// Close fits net.Conn.
func (c *limitedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
