// Package mail hands mails to the configured SMTP server.
//
// It refuses to let data into a header unescaped, to send a password over a
// connection that is not encrypted, and to keep mails: what the server did not
// take is the caller's to send again.
package mail
