package upload

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"oasis/internal/problem"
)

// lockStripes bounds the number of locks; two uploads that share one only wait for each other.
const lockStripes = 256

func (s *Service) stripe(uploadID string) *sync.RWMutex {
	var h uint32 = 2166136261 // FNV-1a
	for i := range len(uploadID) {
		h = (h ^ uint32(uploadID[i])) * 16777619
	}
	return &s.locks[h%lockStripes]
}

// hold keeps everybody else from the files of an upload until release. It is held
// from checking the disk until what was committed about the upload is carried out.
func (s *Service) hold(ctx context.Context, uploadID string) (release func(), err error) {
	lock := s.stripe(uploadID)
	lock.Lock()
	if s.peers == nil {
		return lock.Unlock, nil
	}
	held, err := s.peers.Hold(ctx, uploadID, false)
	if err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("keep other servers from upload %s: %w", uploadID, err)
	}
	release = func() {
		held.Release(context.WithoutCancel(ctx), s.carried.take(uploadID))
		lock.Unlock()
	}
	if err := s.finishForPeers(ctx, uploadID, held); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// share keeps changes of the files of an upload away until release. It is held by
// readers while they look up a row and open the file it names.
func (s *Service) share(ctx context.Context, uploadID string) (release func(), err error) {
	for range shareTries {
		lock := s.stripe(uploadID)
		lock.RLock()
		if s.peers == nil {
			return lock.RUnlock, nil
		}
		held, err := s.peers.Hold(ctx, uploadID, true)
		if err != nil {
			lock.RUnlock()
			return nil, fmt.Errorf("keep changes of other servers from upload %s: %w", uploadID, err)
		}
		release := func() {
			held.Release(context.WithoutCancel(ctx), nil)
			lock.RUnlock()
		}
		unplaced, err := held.Unplaced(ctx)
		if err == nil && len(unplaced) == 0 {
			return release, nil
		}
		release()
		if err != nil {
			return nil, fmt.Errorf("ask what other servers have promised about upload %s: %w", uploadID, err)
		}
		// The server that has promised it has died or lost its connection: hold finishes its work.
		releaseHold, err := s.hold(ctx, uploadID)
		if err != nil {
			return nil, err
		}
		releaseHold()
	}
	return nil, unfinished()
}

// shareTries bounds how often a reader finds that another server has died with a change under way.
const shareTries = 3

// finishForPeers carries out what other servers have promised about an upload and
// could not, or could not say: they died, or lost the connection that held the
// upload for them. One that lives and comes late finds its work done, because the
// staged body, or the place in the trash, tells. The promises stay: with their owner,
// who makes them durable, or else for whoever puts the owner's things in order.
func (s *Service) finishForPeers(ctx context.Context, uploadID string, held PeerHold) error {
	unplaced, err := held.Unplaced(ctx)
	if err != nil {
		return fmt.Errorf("ask what other servers have promised about upload %s: %w", uploadID, err)
	}
	if len(unplaced) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	standing, err := s.standing(ctx, unplaced)
	if err != nil {
		return err
	}
	for _, in := range standing {
		err := in.Apply(ctx, s.files)
		if isLost(err) && in.Body != nil {
			err = in.redo(ctx, s.files)
		}
		if isLost(err) {
			continue // told of by whoever puts the owner's things in order
		}
		if err != nil {
			return unfinished().Because(err)
		}
	}
	for _, in := range unplaced {
		s.carried.add(uploadID, in.ID)
	}
	return nil
}

// Peers are the server processes that work on the same database and the same files.
type Peers interface {
	// Name is that of this process: letters and digits. What it stages and throws away has names
	// that begin with it and a hyphen.
	Name() string
	// Alive gives the names of the processes that may be alive, this one too. One that is not
	// among them can never again commit an intent with its name.
	Alive(ctx context.Context) (map[string]bool, error)
	// Hold keeps the other processes from the files of an upload; shared, only from changing them.
	Hold(ctx context.Context, uploadID string, shared bool) (PeerHold, error)
}

// PeerHold is an upload that is kept from other processes.
type PeerHold interface {
	// Unplaced gives the intents of other processes about the upload of which nobody has said
	// that they were carried out, oldest first.
	Unplaced(ctx context.Context) ([]Intent, error)
	// Release says which intents were carried out and lets the others in.
	Release(ctx context.Context, carried []int64)
}

// errGone is returned to a process that the others have given up.
var errGone = errors.New("the other servers have taken this one for dead")

// ErrGivenUp is what a transaction returns in a process that the others have given up:
// its staged bodies may have been swept away.
func ErrGivenUp() error {
	return problem.New(problem.Unavailable, "This server was cut off for a while and has to be started again. Try again.").Because(errGone)
}

// IsGivenUp tells whether an error says that the others have given up this process.
func IsGivenUp(err error) bool { return errors.Is(err, errGone) }

// ShareWith makes the service work beside others. Call it before anything else.
func (s *Service) ShareWith(p Peers) { s.peers = p }

// newName is NewName with the mark of this process.
func (s *Service) newName() string {
	if s.peers == nil {
		return NewName()
	}
	return s.peers.Name() + "-" + NewName()
}

// carriedOut are intents that were carried out while their upload was held, for
// telling the others.
type carriedOut struct {
	mu       sync.Mutex
	byUpload map[string][]int64
}

func (c *carriedOut) add(uploadID string, id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byUpload == nil {
		c.byUpload = map[string][]int64{}
	}
	c.byUpload[uploadID] = append(c.byUpload[uploadID], id)
}

func (c *carriedOut) take(uploadID string) []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := c.byUpload[uploadID]
	delete(c.byUpload, uploadID)
	return ids
}
