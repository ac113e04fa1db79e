// Package decide proposes what the law asks for each holding when a person uses
// a right: erase, keep until a day, restrict, stop, disclose, withhold, or let a
// person look.
//
// It owns the order of Article 17, the table of rights by lawful basis, the
// exemptions, the law switches and the rule of who must decide. It is pure: facts
// and declarations come in, a Plan comes out; the day is an argument. It may
// never read a store, a clock or a name, never act, and never make a proposal
// final that needs a person: only Item.Decide, which asks who and why, does.
//
// It upholds I10: nothing is proposed for erasure while a purpose or a hold needs
// it, and whatever stays has a day, an event or a person to wait for.
package decide
