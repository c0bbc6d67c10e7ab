package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const requestLimit = 2 * time.Minute

// client shows a redirect instead of following it.
var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// jar keeps the cookies of one person's browser.
type jar = cookiejar.Jar

// call is a request as a script writes it.
type call struct {
	method, url string
	header      http.Header
	body        io.Reader
	length      int64
	jar         *jar
	status      int // 0: any that fits
}

func httpCommand(ts *testscript.TestScript, neg bool, args []string) {
	c, err := parseCall(ts, args)
	ts.Check(err)
	got, err := c.send(here(ts))
	ts.Check(err)
	got.show(ts)
	switch {
	case c.status != 0 && (got.status == c.status) == neg:
		ts.Fatalf("%s %s was answered %d; -status %d, negated: %v", c.method, c.url, got.status, c.status, neg)
	case c.status == 0 && neg && got.status < 400:
		ts.Fatalf("%s %s was answered %d, but a refusal was wanted", c.method, c.url, got.status)
	case c.status == 0 && !neg && got.status/100 != 2:
		ts.Fatalf("%s %s was answered %d", c.method, c.url, got.status)
	}
}

// await repeats a request until a value of its answer is as wanted.
func await(ts *testscript.TestScript, args []string) error {
	if len(args) < 5 || args[1] != "==" {
		return fmt.Errorf("usage: await PATH == VALUE [OPTION…] METHOD URL")
	}
	path, want := args[0], args[2]
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		c, err := parseCall(ts, args[3:])
		if err != nil {
			return err
		}
		got, err := c.send(here(ts))
		if err != nil {
			return err
		}
		if value, found, err := lookup(got.body, path); err == nil && found && value == want {
			got.show(ts)
			return nil
		}
	}
	return fmt.Errorf("%s was not %q after a minute; the last answer was\n%s", path, want, here(ts).body)
}

// parseCall reads the options of http and await.
func parseCall(ts *testscript.TestScript, args []string) (*call, error) {
	c := &call{header: http.Header{}, length: -1}
	var form []string
	for len(args) > 2 {
		option, value := args[0], args[1]
		args = args[2:]
		var err error
		switch option {
		case "-status":
			c.status, err = strconv.Atoi(value)
		case "-as":
			token := ts.Getenv(value + "_token")
			if token == "" {
				err = fmt.Errorf("$%s_token is empty", value)
			}
			c.header.Set("Authorization", "Bearer "+token)
		case "-jar":
			c.jar, err = here(ts).jar(value)
		case "-H":
			name, text, ok := strings.Cut(value, ":")
			if !ok {
				err = fmt.Errorf("a header has a colon: %q", value)
			}
			c.header.Add(name, strings.TrimSpace(text))
		case "-d":
			c.body, c.length = strings.NewReader(value), int64(len(value))
			if c.header.Get("Content-Type") == "" {
				c.header.Set("Content-Type", "application/json")
			}
		case "-f":
			err = c.file(ts, value)
		case "-F":
			form = append(form, value)
		default:
			err = fmt.Errorf("unknown option %s", option)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(args) != 2 || strings.HasPrefix(args[0], "-") {
		return nil, fmt.Errorf("usage: http [OPTION VALUE…] METHOD URL")
	}
	c.method, c.url = args[0], args[1]
	if strings.HasPrefix(c.url, "/") {
		c.url = ts.Getenv("URL") + c.url
	}
	if form != nil {
		return c, c.multipart(ts, form)
	}
	return c, nil
}

// file makes a file the body; it is closed by the transport.
func (c *call) file(ts *testscript.TestScript, name string) error {
	f, err := os.Open(ts.MkAbs(name))
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	c.body, c.length = f, info.Size()
	return nil
}

func (c *call) multipart(ts *testscript.TestScript, fields []string) error {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		path, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			if err := w.WriteField(name, value); err != nil {
				return err
			}
			continue
		}
		part, err := w.CreateFormFile(name, filepath.Base(path))
		if err != nil {
			return err
		}
		if _, err := io.WriteString(part, ts.ReadFile(path)); err != nil {
			return err
		}
	}
	err := w.Close()
	c.header.Set("Content-Type", w.FormDataContentType())
	c.body, c.length = &body, int64(body.Len())
	return err
}

// answer is what came back.
type answer struct {
	status int
	head   string // status line, then the headers in order of their names
	body   []byte
}

// send sends the request and keeps the body for json.
func (c *call) send(w *world) (*answer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, c.method, c.url, c.body)
	if err != nil {
		return nil, err
	}
	req.Header = c.header
	if c.length >= 0 {
		req.ContentLength = c.length
	}
	if host := req.Header.Get("Host"); host != "" {
		req.Host = host
	}
	sender := *client
	if c.jar != nil {
		sender.Jar = c.jar
	}
	got, err := sender.Do(req)
	if err != nil {
		return nil, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return nil, err
	}
	w.body = body
	head := []string{got.Proto + " " + got.Status + "\n"}
	for _, name := range slices.Sorted(maps.Keys(got.Header)) {
		for _, value := range got.Header[name] {
			head = append(head, name+": "+value+"\n")
		}
	}
	return &answer{got.StatusCode, strings.Join(head, ""), body}, nil
}

// show gives the script the body on stdout and the rest on stderr.
func (a *answer) show(ts *testscript.TestScript) {
	_, err := ts.Stdout().Write(a.body)
	ts.Check(err)
	_, err = io.WriteString(ts.Stderr(), a.head)
	ts.Check(err)
}

// jar returns the named browser's cookies, and makes an empty jar at first.
func (w *world) jar(name string) (*jar, error) {
	if w.jars[name] == nil {
		made, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		w.jars[name] = made
	}
	return w.jars[name], nil
}
