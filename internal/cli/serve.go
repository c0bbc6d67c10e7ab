package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"syscall"

	"oasis/internal/app"
)

type serveCommand struct {
	place
	Listen string `help:"Address to listen on. Default: all interfaces, port services.api_port." placeholder:"HOST:PORT"`
}

// Run serves until the process is told to stop.
func (c *serveCommand) Run(r *run) error {
	level := new(slog.LevelVar)
	log := app.NewLog(r.streams.Err, level)
	defer log.Close()
	cfg, sources, err := c.load(r, log.Logger)
	if err != nil {
		return err
	}
	level.Set(cfg.Services.ConsoleLogLevel)
	listen := c.Listen
	if listen == "" {
		listen = net.JoinHostPort("", strconv.Itoa(cfg.Services.APIPort))
	}
	server, err := app.New(r.ctx, app.Options{
		Config: cfg, Sources: sources, DataDir: c.Data, Listen: listen, Log: log.Logger, Console: r.streams.Out, Version: version(),
	})
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w. Another program has that address; choose one with --listen HOST:PORT", err)
	}
	if err != nil {
		return err
	}
	return server.Run(r.ctx)
}
