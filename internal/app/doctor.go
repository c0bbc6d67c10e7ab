package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"oasis/internal/config"
)

// FindingState is how bad a Finding is.
type FindingState string

// The states of a finding.
const (
	FindingOK FindingState = "ok"
	// FindingWarning asks for attention; the server works.
	FindingWarning FindingState = "warning"
	// FindingProblem is something that does not work, or is not safe.
	FindingProblem FindingState = "problem"
)

// Finding is what the doctor says about one thing.
type Finding struct {
	Check string       `json:"check"`
	State FindingState `json:"state"`
	Text  string       `json:"text"`
	// Help says what to do, "" when there is nothing.
	Help string `json:"help,omitempty"`
}

// Worst is the worst state of findings.
func Worst(findings []Finding) FindingState {
	worst := FindingOK
	for _, f := range findings {
		if f.State == FindingProblem || f.State == FindingWarning && worst == FindingOK {
			worst = f.State
		}
	}
	return worst
}

// findings collects what is found under one name after another.
type findings struct{ all []Finding }

func (f *findings) ok(check, text string, args ...any) { f.add(check, FindingOK, "", text, args...) }

func (f *findings) warn(check, help, text string, args ...any) {
	f.add(check, FindingWarning, help, text, args...)
}

func (f *findings) problem(check, help, text string, args ...any) {
	f.add(check, FindingProblem, help, text, args...)
}

func (f *findings) add(check string, state FindingState, help, text string, args ...any) {
	f.all = append(f.all, Finding{Check: check, State: state, Text: fmt.Sprintf(text, args...), Help: help})
}

// Examine looks at everything that can be seen without the database: whether a
// server runs or not, and even when none can be started.
func Examine(opts Options) []Finding {
	var f findings
	examineFolder(&f, opts.DataDir)
	examineDisk(&f, opts.DataDir, int64(opts.Config.Services.MinFreeSpace))
	examineSecret(&f, opts)
	examineAddress(&f, opts.Config)
	return f.all
}

func examineFolder(f *findings, dataDir string) {
	const check = "data directory"
	info, err := os.Stat(dataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.problem(check, "Name the folder with --data; `oasis serve` makes a new one.", "%s does not exist.", dataDir)
		return
	case err != nil:
		f.problem(check, "", "%s", err)
		return
	case !info.IsDir():
		f.problem(check, "", "%s is not a folder.", dataDir)
		return
	}
	// What lies directly in it is enough: nobody gets past a folder that is closed.
	paths := []string{dataDir}
	if entries, err := os.ReadDir(dataDir); err == nil {
		for _, e := range entries {
			paths = append(paths, filepath.Join(dataDir, e.Name()))
		}
	}
	var open, foreign []string
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil {
			continue // just removed
		}
		if info.Mode()&fs.ModeSymlink == 0 && info.Mode().Perm()&0o077 != 0 {
			open = append(open, path)
		}
		if st, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() != 0 && int(st.Uid) != os.Geteuid() {
			foreign = append(foreign, path)
		}
	}
	closed := info.Mode().Perm()&0o077 == 0
	switch {
	case len(open) > 0 && !closed:
		f.problem(check, "Run: chmod -R go= "+dataDir, "Other people of this machine may look into %s.", strings.Join(open, ", "))
	case len(foreign) > 0:
		f.problem(check, "Run the server, and this command, as the owner.", "%s belongs to another user of this machine.", strings.Join(foreign, ", "))
	default:
		f.ok(check, "%s is closed to other people of this machine.", dataDir)
	}
}

// lowDisk is how much free disk is worth a warning.
const lowDisk = 4 << 30

func examineDisk(f *findings, dataDir string, floor int64) {
	const check = "disk"
	var st syscall.Statfs_t
	if err := syscall.Statfs(dataDir, &st); err != nil {
		return // told of with the folder
	}
	free, total := int64(st.Bavail)*st.Bsize, int64(st.Blocks)*st.Bsize
	text := fmt.Sprintf("%s of %s are free.", humanSize(free), humanSize(total))
	switch {
	case free < floor:
		f.problem(check, "Make room, or lower services.min_free_space: nothing more is taken in.", "%s", text)
	case free < lowDisk || free < total/20:
		f.warn(check, "Make room soon.", "%s", text)
	case st.Files > 0 && st.Ffree < st.Files/50:
		f.warn(check, "Remove small files, or use a file system with more of them.", "%s, but only %d more files can be made.", strings.TrimSuffix(text, "."), st.Ffree)
	default:
		f.ok(check, "%s", text)
	}
}

// humanSize is a number of bytes as people read it.
func humanSize(n int64) string {
	for _, unit := range []string{"bytes", "KiB", "MiB", "GiB"} {
		if n < 10*1024 {
			return fmt.Sprintf("%d %s", n, unit)
		}
		n /= 1024
	}
	return fmt.Sprintf("%d TiB", n)
}

func examineSecret(f *findings, opts Options) {
	const check = "secret"
	if opts.Config.Origin("services.api_secret").Name != "" && opts.Config.Services.APISecret != "" {
		f.ok(check, "services.api_secret is set in %s.", opts.Config.Origin("services.api_secret"))
		return
	}
	path := filepath.Join(opts.DataDir, config.SecretFile)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.ok(check, "None yet; the first start makes one.")
	case err != nil:
		f.problem(check, "", "%s", err)
	case info.Mode().Perm()&0o077 != 0:
		f.problem(check, "Run: chmod 600 "+path, "Others may read %s.", path)
	default:
		f.ok(check, "%s is readable by its owner only.", path)
	}
}

func examineAddress(f *findings, cfg *config.Config) {
	const check = "address"
	public := cfg.PublicURL()
	u, err := url.Parse(public)
	switch {
	case err != nil:
		f.problem(check, "", "%s", err)
	case u.Scheme != "https" && !loopback(u.Hostname()):
		f.warn(check, "Put a proxy with TLS in front and set services.public_url to its https address, see docs/howto/nginx.md.",
			"%s has no encryption: passwords and sessions can be read on the way, and cookies are not marked Secure.", public)
	case u.Scheme == "https" && net.ParseIP(u.Hostname()) != nil:
		f.warn(check, "Use a host name.", "%s is a number: passkeys need a host name.", public)
	case u.Scheme == "https" && len(cfg.Services.TrustedProxies) == 0:
		f.warn(check, "Set services.trusted_proxies to the address of the proxy.",
			"%s means a proxy with TLS in front, but none is trusted: every caller seems to come from the proxy.", public)
	default:
		f.ok(check, "%s", public)
	}
}

// VerbDoctor examines what can be seen from inside the server; the result is a list of Finding.
const VerbDoctor = "doctor"

func (a *admin) doctor(ctx context.Context, _ struct{}) ([]Finding, error) {
	var f findings
	a.core.examineSettings(&f)
	if err := a.core.examineDatabase(ctx, &f); err != nil {
		f.problem("database", "", "%s", err)
	}
	a.core.examinePeople(ctx, &f)
	return f.all, nil
}
