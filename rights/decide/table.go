package decide

import (
	"slices"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A Cell says whether a right exists on a lawful basis, and by which article it
// does or does not.
type Cell struct {
	Exists bool
	// Test is set where the right exists and a further test decides.
	Test    string
	Article string
}

// A BasisRow is one row of the table of rights by lawful basis. Access,
// rectification, restriction and complaint depend on no basis (Articles 15, 16,
// 18, 77) and stand in no row.
type BasisRow struct {
	Basis       events.Code
	Since       Switch // set where the basis itself is dated law
	Erasure     []string
	Shield      string
	Restriction []string
	Portability Cell
	Objection   Cell
	Marketing   Cell
	Withdrawal  Cell
}

// BasisTable is the table of rights by lawful basis of Article 6(1). Grounds of
// erasure are points of Article 17(1); c1 and c2 are its point (c) by Article
// 21(1) and 21(2). Grounds of restriction are points of Article 18(1).
func BasisTable() []BasisRow {
	var (
		portable  = Cell{true, "given by the person, and processed by automated means", "20(1)(a)"}
		notOurs   = Cell{Article: "20(1)(a)"}
		publicly  = Cell{Article: "20(3)"}
		balance   = Cell{true, "unless compelling grounds override", "21(1)"}
		noObject  = Cell{Article: "21(1)"}
		absolute  = Cell{true, "", "21(2)"}
		notADuty  = Cell{Article: "21(2)"}
		withdraw  = Cell{true, "", "7(3)"}
		noConsent = Cell{Article: "7(3)"}
		abc       = []string{"a", "b", "c"}
		abcd      = []string{"a", "b", "c", "d"}
	)
	return []BasisRow{
		{Basis: "6.1.a", Erasure: []string{"a", "b", "c2", "d", "e", "f"}, Restriction: abc, Portability: portable, Objection: noObject, Marketing: absolute, Withdrawal: withdraw},
		{Basis: "6.1.b", Erasure: []string{"a", "c2", "d", "e", "f"}, Shield: "no ground while the contract runs", Restriction: abc, Portability: portable, Objection: noObject, Marketing: absolute, Withdrawal: noConsent},
		{Basis: "6.1.c", Erasure: []string{"a", "d", "e"}, Shield: "17(3)(b) until the duty ends", Restriction: abc, Portability: notOurs, Objection: noObject, Marketing: notADuty, Withdrawal: noConsent},
		{Basis: "6.1.d", Erasure: []string{"a", "d", "e"}, Restriction: abc, Portability: notOurs, Objection: noObject, Marketing: absolute, Withdrawal: noConsent},
		{Basis: "6.1.e", Erasure: []string{"a", "c1", "c2", "d", "e"}, Shield: "17(3)(b) while the task needs it", Restriction: abcd, Portability: publicly, Objection: balance, Marketing: absolute, Withdrawal: noConsent},
		{Basis: "6.1.ea", Since: RecognisedInterest, Erasure: []string{"a", "c1", "c2", "d", "e"}, Shield: "17(3)(e) often", Restriction: abcd, Portability: notOurs, Objection: balance, Marketing: absolute, Withdrawal: noConsent},
		{Basis: "6.1.f", Erasure: []string{"a", "c1", "c2", "d", "e", "f"}, Shield: "the balance of 21(1)", Restriction: abcd, Portability: notOurs, Objection: balance, Marketing: absolute, Withdrawal: noConsent},
	}
}

// A ConditionRow is what a condition of Article 9(2), or Article 10, adds to the
// row of the lawful basis.
type ConditionRow struct {
	Condition   events.Code
	Withdrawal  bool // the right to withdraw consent exists (7(3))
	Portability bool // 20(1)(a) names it
	Research    bool // 21(6): the right to object exists on any basis
	Shield      string
	Needs       string // in the United Kingdom
}

// ConditionTable lists what the conditions add. A condition that is not here
// changes no row.
func ConditionTable() []ConditionRow {
	return []ConditionRow{
		{Condition: "9.2.a", Withdrawal: true, Portability: true},
		{Condition: "9.2.b", Shield: "17(3)(b)", Needs: "an appropriate policy document (DPA 2018, Schedule 1 paragraph 1)"},
		{Condition: "9.2.d", Needs: "consent before anything goes outside"},
		{Condition: "9.2.f", Shield: "17(3)(e)"},
		{Condition: "9.2.g", Shield: "17(3)(b)", Needs: "a condition of Schedule 1 Part 2 and a policy document"},
		{Condition: "9.2.h", Shield: "17(3)(c) with professional secrecy (9(3))", Needs: "Schedule 1 paragraph 2"},
		{Condition: "9.2.i", Shield: "17(3)(c)"},
		{Condition: "9.2.j", Research: true, Shield: "17(3)(d)", Needs: "the safeguards of Article 84B"},
		{Condition: "10", Needs: "official authority, or a condition of Schedule 1 and a policy document"},
	}
}

var basisRows, conditionRows = BasisTable(), ConditionTable()

func basisRow(basis events.Code, j Jurisdiction, on events.Date) (*BasisRow, bool) {
	i := slices.IndexFunc(basisRows, func(r BasisRow) bool { return r.Basis == basis })
	if i < 0 || basisRows[i].Since != "" && !InForce(basisRows[i].Since, j, on) {
		return nil, false
	}
	return &basisRows[i], true
}

func conditionRow(c events.Code) (ConditionRow, bool) {
	i := slices.IndexFunc(conditionRows, func(r ConditionRow) bool { return r.Condition == c })
	if i < 0 {
		return ConditionRow{}, false
	}
	return conditionRows[i], true
}

// Applies says whether a right exists where data is held on one basis under
// these conditions, in a jurisdiction, on a day. A basis that is not law there
// gives no right that depends on a basis.
func Applies(right catalogue.RightKind, basis events.Code, conditions []events.Code, j Jurisdiction, on events.Date) Cell {
	cell := Cell{}
	r, ok := basisRow(basis, j, on)
	if ok {
		cell = r.cell(right)
	}
	for _, c := range conditions {
		x, _ := conditionRow(c)
		switch {
		case right == catalogue.RightWithdrawConsent && x.Withdrawal:
			return Cell{true, "", "7(3)"}
		case right == catalogue.RightPortability && x.Portability && !cell.Exists && basis != "6.1.e":
			cell = Cell{true, "given by the person, and processed by automated means", "20(1)(a)"}
		case right == catalogue.RightObjection && x.Research && !cell.Exists:
			cell = Cell{true, "unless a task of public interest needs it", "21(6)"}
		}
	}
	if everybody, found := onAnyBasis[right]; found {
		return everybody
	}
	return cell
}

// onAnyBasis lists the rights that depend on no basis.
var onAnyBasis = map[catalogue.RightKind]Cell{
	catalogue.RightAccess:        {true, "", "15"},
	catalogue.RightRectification: {true, "", "16"},
	catalogue.RightErasure:       {true, "a ground of 17(1), and none of 17(3)", "17"},
	catalogue.RightRestriction:   {true, "a ground of 18(1)", "18"},
	catalogue.RightComplaint:     {true, "", "77"},
}

func (r *BasisRow) cell(right catalogue.RightKind) Cell {
	switch right {
	case catalogue.RightPortability:
		return r.Portability
	case catalogue.RightObjection:
		return r.Objection
	case catalogue.RightMarketing:
		return r.Marketing
	case catalogue.RightWithdrawConsent:
		return r.Withdrawal
	}
	return Cell{}
}
