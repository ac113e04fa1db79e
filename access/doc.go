// Package access owns who may do what: permissions, roles, tokens, one-time
// links, console sessions and the rates at which people may try and look.
//
// Everything is refused unless a role names it. A token's secret is shown once
// and kept only as a hash; links and sessions live in memory and end with the
// process. It never sees an identifier of a data subject, and its file holds
// nothing but token ids, name codes, roles, dates and hashes.
package access
