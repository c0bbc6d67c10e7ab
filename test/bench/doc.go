// Package bench measures the real binary and, in the same run, what the machine
// could do at best, so that a figure means something on any machine. `make bench`
// runs it and prints a table; its result on ours is kept in docs/measured.md:
//
//	go test -run '^$' -bench . -benchtime 1x ./test/bench -args -write
//
// Our rounds and those of the limit take turns, so that noise hits both; medians
// are shown. A ratio of 1 means as good as the limit, and more is better. Client
// and server share the processors.
//
// The files lie below TMPDIR; let it be on a real disk. On one that forgets, such
// as tmpfs, the figures about files say nothing.
package bench
