package config

import (
	"flag"
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite generated files")
	flag.Parse()
	os.Exit(m.Run())
}
