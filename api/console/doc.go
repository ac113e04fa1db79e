// Package console is the web console: pages that a data protection officer
// reads and types into, made on the server, working without a script.
//
// It is a client of the desk like any other. It holds no rules about data, puts
// no identifier of a person into a URL, a title or a log line (I1), and shows
// what an answer does not know as plainly as what it knows (I6). A search is
// kept in the session under an opaque word; opening it again asks the desk
// again, and so is recorded again (I7).
package console
