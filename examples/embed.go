// Package examples carries the example data that `oasis demo` uploads and the
// tests read. README.md tells what each folder shows.
package examples

import "embed"

// FS holds one folder per example upload.
//
//go:embed README.md tio2-anneal broken torn
var FS embed.FS
