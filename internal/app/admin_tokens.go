package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/token"
	"oasis/internal/data/upload"
)

// TokenSecret is a raw token that has turned up somewhere.
type TokenSecret struct{ Raw string }

// TokenTouched tells whose token was ended, and what it was used for.
type TokenTouched struct {
	TokenInfo
	Owner string
	// Used are scopes, uploads and addresses of the last 30 days, each with its kind.
	Used []token.Used
}

// restrictions reads those of a new token by the same rules as the API.
func (a *admin) restrictions(ctx context.Context, owner identity.User, in *TokenCreate) (*token.Restrictions, error) {
	viewer := upload.Viewer{UserID: owner.ID, Admin: owner.Admin}
	for _, id := range in.Uploads {
		if _, err := a.uploads.Get(ctx, viewer, id); err != nil {
			return nil, err
		}
	}
	form := map[string]any{"append_only": in.AppendOnly}
	if in.Uploads != nil {
		form["uploads"] = in.Uploads
	}
	if in.Networks != nil {
		form["networks"] = in.Networks
	}
	if in.DepositFor != "" || in.DepositTo != nil {
		deposit := map[string]any{"default": in.DepositFor, "users": in.DepositTo}
		if slices.Equal(in.DepositTo, []string{"any"}) {
			deposit["users"] = "any"
		}
		form["deposit_for"] = deposit
	}
	text, err := json.Marshal(form)
	if err != nil {
		return nil, fmt.Errorf("encode restrictions: %w", err)
	}
	r, err := token.ParseRestrictions(text)
	if err == nil && r != nil && r.DepositFor != nil {
		err = a.uploads.NameDeposit(ctx, r.DepositFor, "deposit_for")
	}
	return r, err
}

func (a *admin) tokenLeaked(ctx context.Context, in TokenSecret) (TokenTouched, error) {
	p, err := a.tokens.Leaked(ctx, audit.Console, in.Raw)
	if err != nil {
		return TokenTouched{}, err
	}
	_, used, err := a.tokens.Usage(ctx, p.UserID, p.ID)
	if err != nil {
		return TokenTouched{}, err
	}
	touched := TokenTouched{TokenInfo: a.tokenInfo(p, ""), Owner: p.UserID, Used: used}
	if u, err := a.people.User(ctx, p.UserID); err == nil {
		touched.Owner = u.Username
	}
	return touched, nil
}
