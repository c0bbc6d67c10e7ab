package v1

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// SignatureToken is the answer of GET /auth/signature_token.
type SignatureToken struct {
	SignatureToken string `json:"signature_token" doc:"Lives for ten seconds"`
}

// AppToken is the answer of GET /auth/app_token.
type AppToken struct {
	AppToken string `json:"app_token"`
}

// CommandExamples are commands to upload with (spec uploads.md §8); those that
// begin with pat are ours.
type CommandExamples struct {
	UploadURL             string `json:"upload_url"`
	UploadCommand         string `json:"upload_command"`
	UploadCommandWithName string `json:"upload_command_with_name"`
	UploadProgressCommand string `json:"upload_progress_command"`
	UploadCommandForm     string `json:"upload_command_form"`
	UploadTarCommand      string `json:"upload_tar_command"`

	PATSave     string `json:"pat_save_command" doc:"Puts a personal access token into a file that only you can read"`
	PATUpload   string `json:"pat_upload_command" doc:"The same commands with the token from that file: nobody sees it in the list of processes"`
	PATName     string `json:"pat_upload_command_with_name"`
	PATProgress string `json:"pat_upload_progress_command"`
	PATForm     string `json:"pat_upload_command_form"`
	PATTar      string `json:"pat_upload_tar_command"`
}

func (s Services) legacyTokenRoutes() []api.Route {
	row := func(id, path, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(scope.TokensCreate)},
			Method:    http.MethodGet, Path: api.PathV1 + path, Tag: "auth", Summary: summary,
		}
	}
	signature := row("getSignatureToken", "/auth/signature_token", "A token for the next ten seconds (deprecated)")
	signature.Output = SignatureToken{"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…"}
	app := row("getAppToken", "/auth/app_token", "A token that cannot be revoked by itself (deprecated)")
	app.Description = "Make a personal access token instead."
	app.Output = AppToken{"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…"}
	examples := row("getCommandExamples", "/uploads/command-examples", "Commands to upload with")
	examples.Tag = "uploads"
	examples.Output = examplesOf("https://oasis.example/nomad-oasis/api/v1/uploads", "AAAAAAAAAAAAAAAAAAAAAQ.ir3MLtkinVQNB9GZ5IEayakd3RSadIe3QiRVAfL7hLg")
	return []api.Route{api.Handle(signature, s.getSignatureToken), api.Handle(app, s.getAppToken), api.Handle(examples, s.getCommandExamples)}
}

func (s Services) getSignatureToken(ctx context.Context, _ *struct{}) (*struct{ Body SignatureToken }, error) {
	api.MarkDeprecated(ctx)
	raw, err := s.Legacy.Simple(ctx, api.UserID(ctx), token.SignatureLife)
	return &struct{ Body SignatureToken }{SignatureToken{raw}}, err
}

func (s Services) getAppToken(ctx context.Context, in *struct {
	ExpiresIn string `query:"expires_in" doc:"Life in seconds, from 1 to services.app_token_max_expires_in; required"`
}) (*struct{ Body AppToken }, error) {
	api.MarkDeprecated(ctx)
	at := []any{"query", "expires_in"}
	most := int64(s.Legacy.MaxAppLife().Seconds())
	seconds, err := strconv.ParseInt(in.ExpiresIn, 10, 64)
	switch {
	case in.ExpiresIn == "":
		return nil, problem.Invalid("missing", "Field required", at...)
	case err != nil:
		return nil, problem.Invalid("int_parsing", "Input should be a valid integer, unable to parse string as an integer", at...)
	case seconds <= 0:
		return nil, problem.Invalid("greater_than", "Input should be greater than 0", at...)
	case seconds > most:
		return nil, problem.Invalid("less_than_equal", fmt.Sprintf("Input should be less than or equal to %d", most), at...)
	}
	raw, err := s.Legacy.Simple(ctx, api.UserID(ctx), time.Duration(seconds)*time.Second)
	return &struct{ Body AppToken }{AppToken{raw}}, err
}

func (s Services) getCommandExamples(ctx context.Context, _ *struct{}) (*struct{ Body CommandExamples }, error) {
	raw, err := s.Legacy.UploadToken(ctx, api.UserID(ctx))
	if err != nil {
		return nil, err
	}
	return &struct{ Body CommandExamples }{examplesOf(s.About().API+"/uploads", raw)}, nil
}

// tokenFile is where the commands keep a personal access token, as a header for curl.
const tokenFile = `"$HOME/.oasis-token"`

// examplesOf writes the commands. Without an upload token all of them take the
// token from the file.
func examplesOf(url, uploadToken string) CommandExamples {
	file := "-H @" + tokenFile
	header := "-H 'Upload-Token: " + uploadToken + "'"
	if uploadToken == "" {
		header = file
	}
	command := func(h string) string { return "curl -X POST " + h + " '" + url + "' -T <local_file>" }
	named := func(h string) string {
		return "curl -X POST " + h + " '" + url + "?upload_name=<name>' -T <local_file>"
	}
	form := func(h string) string { return "curl -X POST " + h + " '" + url + "' -F file=@<local_file>" }
	tar := func(h string) string {
		return "tar -cf - <local_folder> | curl -# " + h + " '" + url + "' -X POST -T - | xargs echo"
	}
	return CommandExamples{
		UploadURL: url, UploadCommand: command(header), UploadCommandWithName: named(header),
		UploadProgressCommand: command(header) + " | xargs echo", UploadCommandForm: form(header), UploadTarCommand: tar(header),
		PATSave:   `(umask 077; read -rs t && printf 'Authorization: Bearer %s\n' "$t" > ` + tokenFile + `)`,
		PATUpload: command(file), PATName: named(file), PATProgress: command(file) + " | xargs echo", PATForm: form(file), PATTar: tar(file),
	}
}
