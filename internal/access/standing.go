package access

import (
	"context"

	"oasis/internal/problem"
)

// Standing establishes again who presents a credential, in the middle of a request
// that it began. That its time has passed meanwhile is no reason against it: what
// ends a transfer is what somebody does on purpose, to the credential or to the
// account.
func (a *Authenticator) Standing(ctx context.Context, p *Presented, was *Caller) (Caller, error) {
	if p == nil {
		return *was, nil
	}
	again := *p
	again.Finishing = true
	now, err := a.Check(ctx, &again)
	if err != nil || now.State == Valid || was.Expires.IsZero() || a.now().Before(was.Expires) || was.Kind == PersonalToken {
		return now, err
	}
	// Nobody can ask any more whether it was ended; but what ends it at once is done to the account, too.
	user, err := a.users.User(ctx, was.User.ID)
	switch {
	case problem.Is(err, problem.Missing):
		return now, nil
	case err != nil:
		return Caller{}, err
	case user.Disabled:
		still := *was
		still.User, still.UserState = user, UserDisabled
		return still, nil
	case user.Generation != was.User.Generation:
		return now, nil
	}
	still := *was
	still.User, still.Lapsed = user, true
	return still, nil
}
