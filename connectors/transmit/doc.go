// Package transmit sends a copy for portability to another controller, over HTTPS
// (UK GDPR Article 20(2)).
//
// It owns the one way out for such a copy: to the address that is on record for a
// recipient, and nowhere else. It follows no redirection, goes through no proxy,
// and connects to no address of a private network unless that is allowed, looked
// at when the connection is made and not before: a name may change what it points
// to. What is sent is streamed and kept nowhere. It may never read a store, and
// its errors hold no answer of the other end (I1).
package transmit
