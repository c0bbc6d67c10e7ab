// Package matrix holds tests that walk every operation of a running server: with
// every scope, with every kind of credential under every policy, and with every
// role towards uploads in every state. What must come back is written by hand,
// from the facts of the NOMAD 2.0.0 API; an operation without a row fails.
package matrix
