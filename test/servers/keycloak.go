package servers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The Keycloak of the tests. It comes by Maven from wherever that is told to
// look, and is checked against this sum.
const (
	keycloakVersion = "26.7.3"
	keycloakSum     = "77657f30b7e90d70f727712ce1c967f430fd6a5e9f458d32d8c6df0635345f47"
	mavenPlugin     = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
)

// A start takes half a minute on two idle cores, and many times that when they
// are busy; the first one of a machine also fetches 170 MB.
const (
	keycloakStart = 8 * time.Minute
	keycloakFetch = 10 * time.Minute
)

// keycloakKeeper runs Keycloak ($1: its folder, the rest its arguments) until
// standard input closes, which happens when the test binary ends in any way; then
// it stops its process group, which is kc.sh and its java and nobody else.
const keycloakKeeper = `
home=$1
shift
"$home/bin/kc.sh" "$@" &
cat >/dev/null
trap '' TERM
kill -TERM 0
wait
`

// Keycloak is a running Keycloak with one realm. Its methods are for the
// goroutine of the test.
type Keycloak struct {
	// URL is its address, Realm the name of its realm.
	URL, Realm string

	t       testing.TB
	leash   io.Closer
	process *exec.Cmd
	log     string
}

// NewKeycloak starts a Keycloak with the realm that the file describes. Without
// Maven, Java 17 or the network for the first time, the test is skipped. It ends
// with the test.
func NewKeycloak(t testing.TB, realmFile string) *Keycloak {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers are started")
	}
	home, unlock, err := keycloakHome()
	if errors.Is(err, errNoTools) {
		Missing(t, "Keycloak", "run 'make deps' as root, or install maven and a Java runtime of version 17 or newer")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unlock() // the first start in a folder writes into it
	realm, err := os.ReadFile(realmFile)
	if err != nil {
		t.Fatal(err)
	}
	var named struct{ Realm string }
	if err := json.Unmarshal(realm, &named); err != nil {
		t.Fatal(err)
	}
	port, err := freePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := &Keycloak{URL: "http://127.0.0.1:" + port, Realm: named.Realm, t: t, log: filepath.Join(t.TempDir(), "keycloak.log")}
	t.Cleanup(k.Stop)
	k.start(home, port)
	k.admin(http.MethodPost, "/admin/realms", string(realm))
	return k
}

// rootName and rootPassword are those of the administrator of the whole Keycloak.
const rootName, rootPassword = "root", "password"

func (k *Keycloak) start(home, port string) {
	k.t.Helper()
	log, err := os.Create(k.log)
	if err != nil {
		k.t.Fatal(err)
	}
	defer log.Close()
	// Not the test's context: Stop ends it.
	run := exec.CommandContext(context.Background(), "/bin/sh", "-c", keycloakKeeper, "keeper", home, "start-dev", "--db=dev-mem",
		"--http-host=127.0.0.1", "--http-port="+port, "--hostname="+k.URL)
	run.Dir, run.Stdout, run.Stderr = home, log, log
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A small environment: settings of another Keycloak must not reach this one.
	run.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(k.log), "TMPDIR=" + os.TempDir(), "JAVA_HOME=" + os.Getenv("JAVA_HOME"),
		"JAVA_OPTS_APPEND=-XX:TieredStopAtLevel=1 -Xmx512m",
		"KC_BOOTSTRAP_ADMIN_USERNAME=" + rootName, "KC_BOOTSTRAP_ADMIN_PASSWORD=" + rootPassword,
	}
	if k.leash, err = run.StdinPipe(); err != nil {
		k.t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		k.t.Fatal(err)
	}
	k.process = run
	ctx, cancel := context.WithTimeout(context.Background(), keycloakStart)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !ready(ctx, k.URL+"/realms/master/.well-known/openid-configuration") {
		select {
		case <-ctx.Done():
			k.t.Fatalf("Keycloak is not ready after %s; it said:\n%s", keycloakStart, k.said())
		case <-tick.C:
			if said := k.said(); strings.Contains(said, "ERROR: Failed to start server") {
				k.t.Fatalf("Keycloak does not start; it said:\n%s", said)
			}
		}
	}
}

func (k *Keycloak) said() string {
	said, err := os.ReadFile(k.log)
	if err != nil {
		return err.Error()
	}
	return string(said[max(0, len(said)-8000):])
}

// Issuer is the address of the realm.
func (k *Keycloak) Issuer() string { return k.URL + "/realms/" + k.Realm }

// Stop ends it and returns when it is gone. It is fine when it has ended.
func (k *Keycloak) Stop() {
	if k.process == nil {
		return
	}
	k.leash.Close()
	gone := make(chan struct{})
	go func() {
		k.process.Wait() //nolint:errcheck // ended by a signal
		close(gone)
	}()
	select {
	case <-gone:
	case <-time.After(30 * time.Second):
		syscall.Kill(-k.process.Process.Pid, syscall.SIGKILL) //nolint:errcheck // the group this test has started
		<-gone
	}
	k.process = nil
}

var errNoTools = errors.New("no Maven or no Java")

// keycloakHome gives the folder of an unpacked Keycloak, fetching it the first
// time, and a function that lets other test binaries use it.
func keycloakHome() (home string, unlock func(), err error) {
	if _, err := exec.LookPath("java"); err != nil && os.Getenv("JAVA_HOME") == "" {
		return "", nil, errNoTools
	}
	cache, err := cacheDir()
	if err == nil {
		err = os.MkdirAll(cache, 0o755)
	}
	if err != nil {
		return "", nil, err
	}
	lock, err := os.OpenFile(filepath.Join(cache, "keycloak.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", nil, err
	}
	unlock = func() { lock.Close() }
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		unlock()
		return "", nil, err
	}
	home = filepath.Join(cache, "keycloak-"+keycloakVersion)
	if _, err := os.Stat(home); err == nil {
		return home, unlock, nil
	}
	if err := fetchKeycloak(cache, home); err != nil {
		unlock()
		return "", nil, err
	}
	return home, unlock, nil
}

func fetchKeycloak(cache, home string) error {
	if _, err := exec.LookPath("mvn"); err != nil {
		return errNoTools
	}
	dir, err := os.MkdirTemp(cache, "keycloak-new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), keycloakFetch)
	defer cancel()
	fetch := exec.CommandContext(ctx, "mvn", "-B", "-q", "-C", mavenPlugin+":copy", "-DoutputDirectory="+dir,
		"-Dartifact=org.keycloak:keycloak-quarkus-dist:"+keycloakVersion+":tar.gz")
	fetch.Dir = dir
	if out, err := fetch.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch Keycloak with Maven: %w\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "keycloak-quarkus-dist-"+keycloakVersion+".tar.gz"))
	if err != nil {
		return err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != keycloakSum {
		return fmt.Errorf("the archive of Keycloak %s has another sum: %x", keycloakVersion, sum)
	}
	unpacked := filepath.Join(dir, "unpacked")
	if err := os.Mkdir(unpacked, 0o755); err != nil {
		return err
	}
	unpack := exec.CommandContext(ctx, "tar", "-xz", "-C", unpacked, "--strip-components=1")
	unpack.Stdin = bytes.NewReader(text)
	if out, err := unpack.CombinedOutput(); err != nil {
		return fmt.Errorf("unpack Keycloak: %w\n%s", err, out)
	}
	return os.Rename(unpacked, home)
}

// cacheDir is where large things are kept that fresh clones need again, as in the Makefile.
func cacheDir() (string, error) {
	if dir := os.Getenv("OASIS_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "oasis"), err
}

// freePort gives a port that was free a moment ago.
func freePort(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// Token gets an access token of the realm with a password.
func (k *Keycloak) Token(client, username, password string) string {
	k.t.Helper()
	return k.token(k.Realm, client, username, password)
}

func (k *Keycloak) token(realm, client, username, password string) string {
	k.t.Helper()
	form := "grant_type=password&scope=openid&client_id=" + client + "&username=" + username + "&password=" + password
	// Not the test's context: parts of a test may use a Keycloak of all of it.
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, k.URL+"/realms/"+realm+"/protocol/openid-connect/token", strings.NewReader(form))
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := decode(req, &answer); err != nil {
		k.t.Fatal(err)
	}
	return answer.AccessToken
}

// Admin makes a request of the realm's admin API.
func (k *Keycloak) Admin(method, path, body string) {
	k.t.Helper()
	k.admin(method, "/admin/realms/"+k.Realm+path, body)
}

func (k *Keycloak) admin(method, path, body string) {
	k.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, k.URL+path, strings.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+k.token("master", "admin-cli", rootName, rootPassword))
	got, err := send(req)
	if err != nil || got.Status >= http.StatusBadRequest {
		k.t.Fatalf("%s %s: %v, status %d: %s", method, path, err, got.Status, got.Body)
	}
}
