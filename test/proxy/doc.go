// Package proxy tests Oasis behind a real nginx that speaks TLS and wants an HTTP
// Basic password of its own, with the configuration of docs/howto/nginx.md.
package proxy
