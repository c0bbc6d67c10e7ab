// Package tus holds tests that send files with the stock clients of the protocol
// tus, which know nothing of Oasis. That of JavaScript is in test/browser.
package tus
