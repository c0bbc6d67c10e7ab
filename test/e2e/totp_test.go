package e2e

import (
	"errors"
	"os"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/rogpeppe/go-internal/testscript"
)

// writeTOTP is an authenticator app: it writes the body {"code": …} with the code of now.
func writeTOTP(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: totp SECRET FILE")
	}
	code, err := totp.GenerateCode(args[0], time.Now())
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs(args[1]), []byte(`{"code": "`+code+`"}`), 0o600)
}
