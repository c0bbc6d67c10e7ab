package v1

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access/token"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Restrictions are those of a token as JSON, read and written by package token.
type Restrictions []byte

// UnmarshalJSON keeps the text.
func (r *Restrictions) UnmarshalJSON(text []byte) error {
	*r = slices.Clone(text)
	return nil
}

// MarshalJSON writes the text, null without any.
func (r Restrictions) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("null"), nil
	}
	return r, nil
}

// Schema describes what ParseRestrictions takes. It is open here, so that what
// is not known is refused there, by its name.
func (Restrictions) Schema(huma.Registry) *huma.Schema {
	text := &huma.Schema{Type: huma.TypeString}
	list := func(what string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeArray, Items: text, Description: what}
	}
	return &huma.Schema{
		Description: "What narrows the token: {uploads: [id…]} only these uploads; {append_only: true} may create uploads and add new files, nothing else; " +
			"{networks: [CIDR…]} only from these addresses; {deposit_for: {default: USER, users: \"any\" | [USER | group:NAME …]}} may create uploads of others and add to those, nothing else (granted by administrators and lab managers)",
		Examples: []any{map[string]any{"append_only": true, "uploads": []string{"w7HvJ0rTSkq3m1P5n2cX8A"}}},
		Extensions: map[string]any{
			"x-members": map[string]*huma.Schema{"uploads": list("Ids of uploads"), "networks": list("Networks"), "append_only": {Type: huma.TypeBoolean}},
		},
	}
}

func restrictionsOf(r *token.Restrictions) Restrictions {
	if r.None() {
		return nil
	}
	text, err := json.Marshal(r)
	if err != nil { // texts, networks and flags always encode
		return nil
	}
	return text
}

// readRestrictions reads what somebody asks for. Uploads must be such that they
// can see, so that a typing mistake does not make a token for nothing.
func (s Services) readRestrictions(ctx context.Context, text Restrictions) (*token.Restrictions, error) {
	r, err := token.ParseRestrictions(text, "body", "metadata", "restrictions")
	if err != nil || r == nil {
		return nil, err
	}
	for i, id := range r.Uploads {
		if _, err := s.Uploads.Get(ctx, api.Viewer(ctx), id); err != nil {
			if problem.As(err) == nil {
				return nil, err
			}
			return nil, problem.Invalid("value_error", "There is no upload "+id+" that you can see", "body", "metadata", "restrictions", "uploads", i)
		}
	}
	if r.DepositFor != nil {
		if user := api.Caller(ctx).User; !user.Admin && !user.LabManager { // who may not have one need not learn who is here
			return r, nil
		}
		if err := s.Uploads.NameDeposit(ctx, r.DepositFor, "body", "metadata", "restrictions", "deposit_for"); err != nil {
			return nil, err
		}
	}
	return r, nil
}
