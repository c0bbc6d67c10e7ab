package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"oasis/internal/problem"
)

// socketFile is the admin socket in the data directory. Only the owner of the
// folder can open it; that is its whole protection.
const socketFile = "admin.sock"

// maxSocketPath is what fits into the address of a Unix socket on every system we run on.
const maxSocketPath = 100

// shortPath gives a name for an admin socket that fits into a socket address,
// by way of the descriptor of its folder when the folder's own name is too long.
func shortPath(path string) (short string, done func(), err error) {
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, fmt.Errorf("open the folder of the admin socket: %w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), filepath.Base(path)), func() { _ = folder.Close() }, nil
}

// maxAdminBody bounds one command.
const maxAdminBody = 1 << 20

// listenAdmin opens the admin socket. Its name belongs to this server by a lock of the data
// directory or because it is new, so a socket that is there already is a leftover.
func listenAdmin(ctx context.Context, dir *DataDir, name string) (net.Listener, error) {
	path := dir.Join(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove old admin socket: %w", err)
	}
	short, done, err := shortPath(path)
	if err != nil {
		return nil, err
	}
	defer done()
	// The socket must not be open to others even for the moment before it is protected.
	before := syscall.Umask(0o177)
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", short)
	syscall.Umask(before)
	if err != nil {
		return nil, fmt.Errorf("open admin socket: %w", err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // the next start removes it; the short name is gone by then
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect admin socket: %w", err), l.Close())
	}
	return l, nil
}

// adminHandler serves the verbs: POST /VERB with the arguments as JSON.
func adminHandler(a *admin) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer adminAnswer
		if in, err := io.ReadAll(io.LimitReader(r.Body, maxAdminBody)); err != nil {
			answer.fail(err)
		} else {
			answer = a.answer(r.Context(), filepath.Base(r.URL.Path), json.RawMessage(in))
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // the caller has gone
	})
}

// answer does one verb; in is anything that encodes as its arguments.
func (a *admin) answer(ctx context.Context, verb string, in any) (answer adminAnswer) {
	raw, err := json.Marshal(in)
	var out any
	if err == nil {
		out, err = a.call(byConsole(ctx, verb), verb, raw)
	}
	if err == nil {
		answer.Result, err = json.Marshal(out)
	}
	if err != nil {
		answer.fail(err)
	}
	return answer
}

// adminAnswer is what goes over the socket.
type adminAnswer struct {
	Result json.RawMessage
	// Refused is set for refusals that the operator can act on, Fault for all else.
	Refused string
	Fault   string
}

func (a *adminAnswer) fail(err error) {
	if p := problem.As(err); p != nil {
		a.Refused = sentence(p)
		return
	}
	a.Fault = err.Error()
}

// sentence puts a refusal in words for a terminal.
func sentence(p *problem.Error) string {
	if len(p.Fields) == 0 {
		return p.Detail
	}
	text := ""
	for i, f := range p.Fields {
		if i > 0 {
			text += "\n"
		}
		text += fmt.Sprintf("%v: %s", f.Loc[len(f.Loc)-1], f.Msg)
	}
	return text
}

// RefusalError is an error for the operator: the command was understood and is not possible.
type RefusalError struct{ Text string }

// Error gives the sentence.
func (r *RefusalError) Error() string { return r.Text }

// decode gives what the other side of the socket meant.
func (a *adminAnswer) decode(out any) error {
	switch {
	case a.Refused != "":
		return &RefusalError{Text: a.Refused}
	case a.Fault != "":
		return errors.New(a.Fault)
	case out == nil || len(a.Result) == 0:
		return nil
	}
	if err := json.Unmarshal(a.Result, out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// errNoServer says that no server of a data directory can be reached on this machine.
var errNoServer = errors.New("no server answers on its admin socket")

// dialAdmin connects to a server of a data directory: to any one of several.
func dialAdmin(ctx context.Context, dataDir string) (net.Conn, error) {
	names := []string{socketFile}
	several, _ := os.ReadDir(filepath.Join(dataDir, serversDir)) // there may be none
	for _, entry := range several {
		if strings.HasSuffix(entry.Name(), socketSuffix) {
			names = append(names, serversDir+"/"+entry.Name())
		}
	}
	errs := []error{errNoServer}
	for _, name := range names {
		short, done, err := shortPath(filepath.Join(dataDir, name))
		if err != nil {
			return nil, err
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", short)
		done()
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// callSocket sends a verb to a server of a data directory. The error wraps errNoServer
// when none was reached.
func callSocket(ctx context.Context, dataDir, verb string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode arguments: %w", err)
	}
	client := &http.Client{Timeout: 10 * time.Minute, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dialAdmin(ctx, dataDir) },
	}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://admin/"+verb, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make admin request: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the server in %s holds the data directory but does not answer on its admin socket: %w", dataDir, err)
	}
	defer resp.Body.Close()
	var answer adminAnswer
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return answer.decode(out)
}
