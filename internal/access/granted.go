package access

import "oasis/internal/access/scope"

// InvalidToken is what the bearer of a token learns that has ended or never was.
const InvalidToken = textInvalidToken

// GrantedTo gives the scopes that a credential of a kind holds at most. What a
// visitor holds is for the policy to say.
func GrantedTo(k Kind) scope.Set {
	switch k {
	case NoCredential:
		return 0
	case UploadToken:
		return uploadScopes()
	case PersonalToken, SimpleToken:
		return scope.Every().Without(scope.Tokens())
	default:
		return scope.Every()
	}
}
