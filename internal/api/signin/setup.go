package signin

import (
	"context"
	"strings"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// setUpState tells whether the first-run page has a purpose.
type setUpState struct {
	Open bool `json:"open" doc:"Whether this server waits for its first administrator"`
}

func (s Services) getSetUp(ctx context.Context, _ *struct{}) (*struct{ Body setUpState }, error) {
	noStore(ctx)
	return &struct{ Body setUpState }{setUpState{Open: !s.People.SetUp()}}, nil
}

// setUpFacts are told to the holder of the link only.
type setUpFacts struct {
	DataDir   string `json:"data_dir"`
	FreeBytes int64  `json:"free_bytes"`
}

func (s Services) checkSetUp(ctx context.Context, in *struct {
	Body struct {
		Secret string `json:"secret" maxLength:"200"`
	}
}) (*struct{ Body setUpFacts }, error) {
	noStore(ctx)
	if err := s.People.CheckSetUpSecret(in.Body.Secret); err != nil {
		return nil, err
	}
	dir, free, err := s.Disk()
	if err != nil {
		return nil, err
	}
	return &struct{ Body setUpFacts }{setUpFacts{DataDir: dir, FreeBytes: free}}, nil
}

// setUpForm is what the first-run page sends.
type setUpForm struct {
	Secret                string `json:"secret" maxLength:"200"`
	Username              string `json:"username" maxLength:"500"`
	Password              string `json:"password" maxLength:"5000"`
	Email                 string `json:"email" maxLength:"500"`
	FirstName             string `json:"first_name,omitempty" maxLength:"500"`
	LastName              string `json:"last_name,omitempty" maxLength:"500"`
	LabName               string `json:"lab_name,omitempty" maxLength:"200"`
	RequireAuthentication *bool  `json:"require_authentication,omitempty"`
}

// Options that the first-run page sets.
const (
	optionLabName = "meta.name"
	optionContact = "meta.maintainer_email"
	optionRequire = "auth.require_authentication"
)

// completeSetUp saves the settings and makes the account, or changes nothing.
func (s Services) completeSetUp(ctx context.Context, in *struct{ Body setUpForm }) (*sessionOutput, error) {
	noStore(ctx)
	f := &in.Body
	user, err := s.People.CompleteSetUp(ctx, f.Secret, identity.NewUser{
		Username: f.Username, Email: f.Email, FirstName: f.FirstName, LastName: f.LastName, Password: f.Password, Admin: true,
	}, func(ctx context.Context) error { return s.save(ctx, f) })
	if err != nil {
		return nil, err
	}
	if s.Facts().ContactEmail == "" {
		// Whom people who are refused may ask. The account is made and the page can go on without it.
		_ = s.SaveSettings(ctx, map[string]any{optionContact: user.Email})
	}
	return s.start(ctx, user)
}

// save stores those settings that differ from what is in force, so that one
// which a file has set to the same value is no conflict.
func (s Services) save(ctx context.Context, f *setUpForm) error {
	now := s.Facts()
	options := map[string]any{}
	if name := strings.TrimSpace(f.LabName); name != "" && name != now.LabName {
		options[optionLabName] = name
	}
	if f.RequireAuthentication != nil && *f.RequireAuthentication != now.RequireAuthentication {
		options[optionRequire] = *f.RequireAuthentication
	}
	if len(options) == 0 {
		return nil
	}
	err := s.SaveSettings(ctx, options)
	if problem.Is(err, problem.Conflict) {
		return problem.Clash("%s Leave it as it is here to go on.", problem.As(err).Detail).Because(err)
	}
	return err
}
