package catalogue_test

import (
	"testing"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

// A body that no class covers can be known by name. It is told apart from others
// by its code, and its class says that nobody declared it.
func TestRecipientsOutsideEveryClass(t *testing.T) {
	c, err := catalogue.LoadShipped("instant-connect")
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.WithInstances(
		catalogue.Instance{ID: "smile-crm", Class: events.Undeclared, Name: "Smile CRM", Country: "us", Kind: catalogue.KindProcessor},
		catalogue.Instance{ID: "plain", Class: events.Undeclared, Name: "Plain Ltd"})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[events.Code]catalogue.RecipientKind{"smile-crm": catalogue.KindProcessor, "plain": catalogue.KindUnspecified} {
		r, ok := d.Recipient(id)
		if !ok || r.Class != events.Undeclared || !r.Named || r.Kind != want {
			t.Errorf("%s: %+v", id, r)
		}
		if !d.Declared(catalogue.FieldRecipient, id) {
			t.Errorf("%s is kept apart like a code that nobody knows", id)
		}
	}
	if _, ok := c.Recipient("smile-crm"); ok {
		t.Error("the catalogue that was read has changed")
	}
	if _, err := c.WithInstances(catalogue.Instance{ID: "gocardless", Class: events.Undeclared, Name: "Another"}); err == nil {
		t.Error("two recipients share one id")
	}
}
