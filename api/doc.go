// Package api is the HTTP face of habeas: JSON over the desk, described by an
// OpenAPI document made from the same table that serves it.
//
// Every route stands in one table with its permission; a route without one
// does not come to be. The package holds no rules about data: it reads a
// question, asks the desk, and writes the answer or a problem (RFC 9457) with a
// stable code. No identifier of a person stands in a URL, a header, a log line
// or an error (I1), and no answer may be kept by a cache.
package api
