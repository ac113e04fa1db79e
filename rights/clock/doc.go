// Package clock says by when a request, a complaint or a breach must be answered,
// and explains every step of the count in words.
//
// It owns the arithmetic of UK GDPR Articles 12, 12A and 33, of GDPR Article 12(3),
// of the complaint to the controller (Data Protection Act 2018 s.164A), of the CCPA
// and of the LGPD; the rules themselves are rows of a table that say where they hold
// and from which day. It owns the ledger of what moved a clock, and the calendars of
// public holidays, which are data.
//
// It is pure: facts, a calendar and the day come in, an Answer comes out. It may
// never read a clock, a file or a store. It never guesses a date: where the holidays
// are not published yet it gives the earlier, unrolled day and says so, and where the
// clock stands still it gives none. What it takes for granted it says, with the
// earlier day that follows otherwise (I10: nothing outlives its due date unseen).
package clock
