package identity

// FactorRule says who must have a second factor (auth.second_factor).
type FactorRule string

// The rules.
const (
	FactorOptional FactorRule = "optional"
	FactorAdmins   FactorRule = "admins"
	FactorEveryone FactorRule = "everyone"
)

// Demands tells whether the rule concerns the account. People whom another issuer
// knows prove themselves there.
func (r FactorRule) Demands(u *User) bool {
	return u.Origin == "" && (r == FactorEveryone || r == FactorAdmins && u.Admin)
}

// Lacks tells whether the account must have a second factor and has none: then it
// may do nothing but set one up.
func (r FactorRule) Lacks(u *User) bool { return !u.SecondFactor && r.Demands(u) }
