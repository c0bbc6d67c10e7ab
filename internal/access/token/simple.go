package token

import (
	"bytes"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// SignatureLife is how long a signature token lives (spec auth.md §2).
const SignatureLife = 10 * time.Second

// Errors of ReadSimple.
var (
	ErrSimpleExpired = errors.New("the simple token has ended")
	ErrSimpleInvalid = errors.New("the simple token is not genuine")
)

// SimpleToken makes NOMAD's simple token: a JWT with HS256 under the API secret
// whose claims are the user id and the end, in whole seconds, and nothing else
// (spec auth.md §2).
func SimpleToken(apiSecret, userID string, expires time.Time) string {
	user, err := json.Marshal(userID)
	if err != nil { // texts always encode
		user = []byte(`""`)
	}
	signed := encodePart([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		encodePart(fmt.Appendf(nil, `{"user":%s,"exp":%d}`, user, expires.Unix()))
	return signed + "." + encodePart(sign(apiSecret, []byte(signed)))
}

func encodePart(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// IsSimple tells whether a token has the form of a simple token, genuine or not:
// a JWT whose payload has exactly the keys user and exp. Nothing is verified.
func IsSimple(raw string) bool {
	parts := strings.Split(raw, ".")
	if len(parts) != jwtParts {
		return false
	}
	_, ok := simpleClaims(parts[1])
	return ok
}

const jwtParts = 3

func simpleClaims(part string) (claims map[string]json.RawMessage, ok bool) {
	payload, decoded := decodePart(part)
	if !decoded || json.Unmarshal(payload, &claims) != nil || len(claims) != 2 {
		return nil, false
	}
	_, user := claims["user"]
	_, exp := claims["exp"]
	return claims, user && exp
}

// ReadSimple gives the user and the end of a genuine simple token that lives at
// the time now; else ErrSimpleExpired or ErrSimpleInvalid. No other algorithm
// than HS256 is taken, whatever the header says.
func ReadSimple(apiSecret, raw string, now time.Time) (userID string, expires time.Time, err error) {
	parts := strings.Split(raw, ".")
	if len(parts) != jwtParts {
		return "", expires, ErrSimpleInvalid
	}
	var header struct {
		Alg  string          `json:"alg"`
		Crit json.RawMessage `json:"crit"`
	}
	head, decoded := decodePart(parts[0])
	if !decoded || json.Unmarshal(head, &header) != nil || header.Alg != "HS256" || header.Crit != nil {
		return "", expires, ErrSimpleInvalid
	}
	signature, decoded := decodePart(parts[2])
	if !decoded || !hmac.Equal(signature, sign(apiSecret, []byte(parts[0]+"."+parts[1]))) {
		return "", expires, ErrSimpleInvalid
	}
	claims, ok := simpleClaims(parts[1])
	var seconds int64
	if !ok || isNull(claims["user"]) || json.Unmarshal(claims["user"], &userID) != nil || userID == "" ||
		bytes.ContainsAny(claims["exp"], ".eE") || isNull(claims["exp"]) || json.Unmarshal(claims["exp"], &seconds) != nil {
		return "", expires, ErrSimpleInvalid
	}
	if expires = time.Unix(seconds, 0).UTC(); !now.Before(expires) {
		return "", expires, ErrSimpleExpired
	}
	return userID, expires, nil
}
