package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/goccy/go-yaml"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/config"
	"oasis/internal/problem"
)

// settings is the configuration in force with the policy made of it. Both are
// replaced as wholes; who reads them once sees one state.
type settings struct {
	dir    *DataDir
	reload func() (*config.Config, error)
	state  atomic.Pointer[settingsState]
	mu     sync.Mutex // one change at a time
	audit  audit.Recorder
}

type settingsState struct {
	config *config.Config
	policy *access.Policy
}

func newSettings(dir *DataDir, cfg *config.Config, reload func() (*config.Config, error)) (*settings, error) {
	s := &settings{dir: dir, reload: reload, audit: audit.Nowhere{}}
	return s, s.use(cfg)
}

func (s *settings) use(cfg *config.Config) error {
	policy, err := policyOf(cfg)
	if err != nil {
		return err
	}
	s.state.Store(&settingsState{config: cfg, policy: policy})
	return nil
}

func (s *settings) config() *config.Config { return s.state.Load().config }
func (s *settings) policy() *access.Policy { return s.state.Load().policy }

// save writes options (by dotted key) that were chosen on a page into the
// settings file and puts them in force for the next request. Options that a file
// or the environment sets are a 409 that says where. A value that the
// configuration refuses changes nothing.
func (s *settings) save(ctx context.Context, options map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.config()
	for key := range options {
		if before.Locked(key) {
			return problem.Clash("%s is set in %s; change it there.", key, before.Origin(key))
		}
	}
	path := s.dir.Join(config.SettingsFile)
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read settings: %w", err)
	}
	tree := map[string]any{}
	if err := yaml.Unmarshal(old, &tree); err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	if tree == nil { // an empty file decodes to no mapping at all
		tree = map[string]any{}
	}
	for key, value := range options {
		put(tree, strings.Split(key, "."), value)
	}
	text, err := yaml.Marshal(tree)
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	if err := replaceFile(path, text); err != nil {
		return err
	}
	next, err := s.reload()
	if err == nil {
		next.Listen = before.Listen
		next.Services.APISecret = before.Services.APISecret // also when it was generated
		err = s.use(next)
	}
	if err != nil {
		return errors.Join(problem.Bad("These settings are not possible. Nothing was changed.").Because(err), replaceFile(path, old))
	}
	s.recordChange(ctx, next, options)
	return nil
}

// put sets a value in nested mappings.
func put(tree map[string]any, path []string, value any) {
	for _, section := range path[:len(path)-1] {
		below, ok := tree[section].(map[string]any)
		if !ok {
			below = map[string]any{}
			tree[section] = below
		}
		tree = below
	}
	tree[path[len(path)-1]] = value
}

// replaceFile writes a file so that it is there in its old or its new form, whatever happens.
func replaceFile(path string, content []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
