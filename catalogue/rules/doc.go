// Package rules owns the findings of a catalogue by itself: what a notice says
// twice in two ways, what it leaves out, and what the law asks for that is not
// there. It judges only what was declared; what was observed is not in reach.
//
// Every rule is a small pure function over a loaded catalogue, with its source
// in the law or in guidance. No rule knows a notice by name, reads a clock, or
// changes the catalogue. A finding never blocks loading: it tells a person what
// to settle. A rule is silent where the catalogue does not say enough to tell,
// so that silence of a notice is never read as an answer (I6), and a finding
// carries codes and lines, never personal data (I1).
package rules
