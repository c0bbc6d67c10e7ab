// Package crash ends the real binary by kill -9 at random moments and checks
// what the next start finds:
//
//   - A change that was answered is there whole; one that was not is there whole
//     or not at all. Rows, bytes on disk and answers agree.
//   - Nothing staged and no trash stays, and no upload is busy for ever.
//   - What is searchable is exactly the archives among the files, each once.
//
// A kill takes the process, not the machine: that bytes reach the disk before an
// answer is the business of the tests of store/filestore, which watch the order
// of system calls.
//
// Each test prints its seed. -args -seed=N repeats its choices; which request a
// kill meets still depends on the clock, so a failure may need several runs.
// In `make test-long` the numbers of package test/long are larger.
package crash
