// Package e2e runs stories against the built binary: each testdata/*.txtar is a
// script that starts a server, speaks to it as named people, and looks at what
// comes back. Nothing is mocked and nothing of Oasis is imported.
//
// Scripts are in the language of testscript (`go doc
// github.com/rogpeppe/go-internal/testscript`): exec, stdin, stdout, stderr,
// cmp, env and so on; `exec oasis …` runs the binary. Each script has its own
// folder $WORK, its own data directory $DATA and its own port; $REPO is the
// repository, to be read only. Added to that:
//
//	serve [NAME=VALUE…] [FLAG…]
//	                    start `oasis serve --data $DATA` with more environment
//	                    and flags, and wait until it is alive; again after stop
//	                    or kill9 means the same port. Sets $URL (with the base
//	                    path); its output is appended to $WORK/server.log.
//	stop                ask it to end (SIGTERM); it must exit 0 within 30 s
//	kill9               end it as a power cut would (SIGKILL)
//
//	http [OPTION…] METHOD URL
//	                    send a request. A URL that begins with / is below $URL.
//	                    The body goes to stdout, status line and headers to
//	                    stderr. Redirects are not followed. Options:
//	    -status N           what must come back; without it any 2xx, and after
//	                        `! http` any 4xx or 5xx
//	    -as NAME            Authorization: Bearer, with the token in $NAME_token
//	    -jar NAME           send and keep the cookies of this browser
//	    -H 'Name: value'    a header; may be repeated
//	    -d TEXT             a body, as JSON unless -H says otherwise
//	    -f FILE             a file as the body
//	    -F name=value, -F name=@FILE
//	                        a field or file of a multipart form; may be repeated
//	json PATH VAR       set $VAR to a value in the last body, such as data.0.id
//	json PATH == VALUE  it must be this; != that it must not; `! json PATH`: not there
//	await PATH == VALUE [OPTION…] METHOD URL
//	                    repeat the request until it is, for a minute at most
//
//	postgres VAR        set $VAR to the URL of an empty PostgreSQL database; guard
//	                    it with `[!postgres] skip 'PostgreSQL is missing: make deps'`
//	zip FILE PATH…      pack files and folders of $WORK
//	fill FILE BYTES     write a file of random bytes
//
// OASIS_BIN names a binary to test instead of the one built from cmd/oasis.
package e2e
