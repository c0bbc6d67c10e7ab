// Command oasis is a self-hosted research-data server that speaks the API of
// NOMAD Oasis 2.0, and its command line.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"oasis/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], os.Environ(), cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
