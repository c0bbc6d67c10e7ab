// Package secondfactor proves that somebody holds more than a password: codes of
// an authenticator app (TOTP, RFC 6238), recovery codes, and passkeys (WebAuthn).
// It keeps nothing; package identity stores what it makes and asks it again.
package secondfactor

import (
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// period of a code in seconds, and how many periods a clock may be wrong.
const (
	period = 30
	skew   = 1
)

// App is a new authenticator app before its first code.
type App struct {
	// Secret in base32, for typing it in.
	Secret string
	// URI is the otpauth:// address that a QR code shows.
	URI string
}

// NewApp makes a secret; issuer and account are what the app will show.
func NewApp(issuer, account string) (App, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: strings.ReplaceAll(issuer, ":", " "), AccountName: account, Period: period})
	if err != nil {
		return App{}, fmt.Errorf("make secret of authenticator app: %w", err)
	}
	return App{Secret: key.Secret(), URI: key.URL()}, nil
}

// CheckCode tells whether the code is that of the app now, a period earlier or
// later, and gives its time step. Steps up to last are spent: a code that was
// used, or seen over a shoulder and used before, does not count again (RFC 6238 §5.2).
func CheckCode(secret, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	current := now.Unix() / period
	for s := current - skew; s <= current+skew; s++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(s*period, 0), totp.ValidateOpts{
			Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1,
		})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && s > last {
			step, ok = s, true
		}
	}
	return step, ok
}
