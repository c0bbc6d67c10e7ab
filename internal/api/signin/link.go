package signin

import (
	"context"

	"oasis/internal/access/identity"
	"oasis/internal/api"
)

func checkLinkRow(row newRow) api.Row {
	return post(row, "checkLink", "/link/check", "What a link is for")
}

func completeLinkRow(row newRow) api.Row {
	return post(row, "completeLink", "/link/complete", "Use a link")
}

// linkFacts are told to the holder of a link only.
type linkFacts struct {
	Purpose   string `json:"purpose" enum:"invite,reset,email"`
	Username  string `json:"username"`
	Name      string `json:"name"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email" doc:"For email: the new address"`
	Expires   string `json:"expires" format:"date-time"`
}

func (s Services) checkLink(ctx context.Context, in *struct {
	Body struct {
		Secret string `json:"secret" maxLength:"200"`
	}
},
) (*struct{ Body linkFacts }, error) {
	noStore(ctx)
	facts, err := s.People.CheckLink(ctx, in.Body.Secret, api.Address(ctx))
	if err != nil {
		return nil, err
	}
	u := &facts.User
	out := linkFacts{
		Purpose: string(facts.Purpose), Username: u.Username, Name: u.Name(), FirstName: u.FirstName, LastName: u.LastName,
		Email: u.Email, Expires: facts.Expires.UTC().Format("2006-01-02T15:04:05Z"),
	}
	if facts.Purpose == identity.PurposeEmail {
		out.Email = facts.Email
	}
	return &struct{ Body linkFacts }{out}, nil
}

// linkForm is what the page of a link sends.
type linkForm struct {
	Secret             string  `json:"secret" maxLength:"200"`
	Password           string  `json:"password,omitempty" maxLength:"5000" doc:"The new password; none for a link that confirms an e-mail address"`
	FirstName          *string `json:"first_name,omitempty" maxLength:"200"`
	LastName           *string `json:"last_name,omitempty" maxLength:"200"`
	Affiliation        *string `json:"affiliation,omitempty" maxLength:"500"`
	AffiliationAddress *string `json:"affiliation_address,omitempty" maxLength:"1000"`
}

// completeLink does what the link is for. Who has set a password with it is signed
// in, as far as a password does; who has confirmed an address stays who they were.
func (s Services) completeLink(ctx context.Context, in *struct{ Body linkForm }) (*sessionOutput, error) {
	noStore(ctx)
	f := &in.Body
	facts, err := s.People.CheckLink(ctx, f.Secret, api.Address(ctx))
	if err != nil {
		return nil, err
	}
	signedIn, err := s.People.CompleteLink(ctx, f.Secret, identity.LinkForm{
		Password: f.Password, FirstName: f.FirstName, LastName: f.LastName, Affiliation: f.Affiliation, AffiliationAddress: f.AffiliationAddress,
	}, api.Address(ctx))
	if err != nil {
		return nil, err
	}
	if facts.Purpose == identity.PurposeEmail {
		return &sessionOutput{Cookie: api.SessionCookie(ctx, api.SessionSecret(ctx)), Body: s.session(nil)}, nil
	}
	return s.goOn(ctx, signedIn)
}
