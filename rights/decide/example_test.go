package decide_test

import (
	"fmt"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/decide"
	"github.com/habeas-data/habeas/rights/retention"
)

// A locum asks for erasure. The record of her work is kept for claims, and the
// plan says until when; the check of her criminal record has no basis, and it needs
// a person to let it go.
func ExampleEngine_Plan() {
	cat, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		fmt.Println(err)
		return
	}
	held := func(id, activity, category string) decide.Holding {
		return decide.Holding{ID: id, Holding: retention.Holding{System: "platform", Dataset: events.Code(activity), Stored: day("2024-09-02"), SubjectType: "locum",
			Activity: events.Activity{Code: events.Code(activity)}, Category: events.Category{Code: events.Code(category)}}}
	}
	her := decide.Person{Person: retention.Person{Milestones: []retention.Milestone{{Code: "account_deleted", System: "platform", Date: day("2025-03-14")}}}}
	plan, err := decide.New(decide.Config{Current: cat}).Plan(
		&decide.Case{Rights: []catalogue.RightKind{catalogue.RightErasure}, Received: day("2025-03-20"), Due: day("2025-04-22")},
		&her, []decide.Holding{held("1", "ic-a04", "services"), held("2", "ic-a09", "criminal_offences")}, day("2025-03-24"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range plan.Items {
		fmt.Println(x.Outcome, x.Code, x.Article, x.Until, x.NeedsPerson)
	}
	_, err = plan.Items[1].Settle(day("2025-03-24"))
	fmt.Println(err)
	done, err := plan.Items[1].Decide(decide.Decision{By: "A. Officer", Why: "no ground to hold it", On: day("2025-03-25"), Accept: true})
	fmt.Println(done.By(), done.Item().Outcome, err)
	// Output:
	// retain KEEP_AFTER_TRIGGER 17(3)(e) 2032-03-14 false
	// erase ERASE_UNLAWFUL 17(1)(d)  true
	// settle erasure of a holding: a person has to decide this (row 10, criminal offences)
	// A. Officer erase <nil>
}
