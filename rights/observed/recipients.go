package observed

import (
	"slices"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
)

var aboutRecipients = []Rule{
	{ID: "RECIPIENT_UNDECLARED", Title: "data went to a recipient that the catalogue does not name", Source: gdpr + "Articles 13(1)(e), 15(1)(c), 30(1)(d)",
		Remedy: "Stop the sharing, or add the recipient to the notice and register it.", kinds: sharing, find: recipientUndeclared},
	{ID: "RECIPIENT_NOT_IN_ROW", Title: "the row names recipients and this is not one of them", Source: gdpr + "Articles 5(1)(b), 13(1)(e)",
		Remedy: "Stop the sharing for this activity, or add the recipient to the row.", kinds: sharing, find: recipientNotInRow},
	{ID: "RECIPIENT_UNNAMED", Aliases: names("PROCESSOR_UNNAMED"), Title: "only the class of the recipient is known", Source: gdpr + "Articles 15(1)(c), 19",
		Remedy: "Let the source name the recipient, and register it under its class: habeas recipients add.", kinds: sharing, find: recipientUnnamed},
	{ID: "RECIPIENT_CATEGORY_UNDECLARED", Title: "a recipient gets data that the notice does not say it gets", Source: gdpr + "Articles 5(1)(c), 14(1)(e)",
		Remedy: "Send only what the notice lists for this recipient, or correct the notice.", kinds: sharing, find: recipientCategory},
	{ID: "RECIPIENT_ROLE_DIFFERS", Title: "a recipient acts in another role than the declared one", Source: gdpr + "Articles 4(7), 4(8), 28(10)",
		Remedy: "Settle the role of the recipient; a processor that decides for itself is a controller.", kinds: sharing, find: recipientRole},
	{ID: "SALE_OR_SWAP", Aliases: names("DENIAL_VS_SHARING"), Title: "something was received for the data", Source: gdpr + "Articles 5(1)(a), 5(1)(b)",
		Remedy: "Stop the exchange, or state it in the notice with its basis.", kinds: sharing, find: saleOrSwap},
	{ID: "THIRD_PARTY_MARKETING_NO_CONSENT", Aliases: names("THIRD_PARTY_MARKETING"), Title: "data went to others for their marketing and no consent is named",
		Source: gdpr + "Articles 6(1)(a), 7(1); Privacy and Electronic Communications Regulations 2003, regulation 22",
		Remedy: "Share for the marketing of others only with consent that names them, and let the source report it as the condition.", kinds: sharing, find: marketingOfOthers},
	{ID: "SHARED_WITHOUT_CONSENT", Title: "the notice shares with this recipient only with consent, and none is named", Source: gdpr + "Articles 5(1)(a), 7(1)",
		Remedy: "Share only with consent, and let the source report it as the condition.", kinds: sharing, find: sharedWithoutConsent},
}

// recipientUndeclared: a person who received data is no recipient of the
// catalogue; what is sealed as undeclared is none either.
func recipientUndeclared(b *body, add adder) {
	code := b.e.Recipient.Code
	if code == "" || (b.to != nil && b.to.Class != events.Undeclared) {
		return
	}
	add(Error, About{OnSystem: string(b.e.Source)}.with(OnRecipient, code), "data went to a recipient that the catalogue does not name")
}

// declaredTo is the recipient, if the catalogue names it.
func (b *body) declaredTo() (*catalogue.Recipient, bool) {
	return b.to, b.to != nil && b.to.Class != events.Undeclared
}

func recipientNotInRow(b *body, add adder) {
	r, ok := b.declaredTo()
	if ok && b.act != nil && len(b.act.Recipients) > 0 && !b.act.HasRecipient(r) {
		add(Warn, b.on().with(OnRecipient, r.ID), "the notice names recipients for this activity and this is not one of them")
	}
}

func recipientUnnamed(b *body, add adder) {
	if r, ok := b.declaredTo(); ok && !r.Named && r.Class == "" && r.Kind != catalogue.KindPublic {
		add(Warn, b.on().with(OnRecipient, r.ID), "only the class of the recipient is known, not its name")
	}
}

// recipientCategory looks only where the notice lists the categories of a
// recipient itself; where it pools them nothing can be told.
func recipientCategory(b *body, add adder) {
	r, ok := b.declaredTo()
	if !ok || r.AnyCategory || len(r.Categories) == 0 || (r.CategoriesStatus != "" && r.CategoriesStatus != catalogue.Stated) {
		return
	}
	for _, c := range b.categories {
		if c.Code == "" || slices.Contains(r.Categories, c.Code) {
			continue
		}
		verdict := Warn
		if b.sensitive(c) {
			verdict = Error
		}
		add(verdict, b.on().with(OnRecipient, r.ID).with(OnCategory, events.Code(c.String())), "the notice lists what this recipient gets, and this kind of data is not on that list")
	}
}

// sensitive reports whether the category is special (Article 9) or about
// criminal convictions and offences (Article 10).
func (b *body) sensitive(c events.Category) bool {
	k, ok := b.cat.Category(c.Code)
	return ok && (k.Special || k.Criminal)
}

func recipientRole(b *body, add adder) {
	r, ok := b.declaredTo()
	if !ok {
		return
	}
	switch {
	case b.e.ActingAs == events.ActingAsController && r.Kind == catalogue.KindProcessor && !r.OwnUse:
		add(Review, b.on().with(OnRecipient, r.ID), "the notice calls this recipient a processor, and it received the data as a controller")
	case b.e.ActingAs == events.ActingAsProcessor && (r.Kind == catalogue.KindController || r.Kind == catalogue.KindAuthority):
		add(Warn, b.on().with(OnRecipient, r.ID), "the notice calls this recipient a controller, and it received the data as a processor")
	}
}

// saleOrSwap: what was received decides. A notice that denies it makes it an
// error.
func saleOrSwap(b *body, add adder) {
	var what string
	switch b.e.Consideration {
	case events.ConsiderationMoney:
		what = "money"
	case events.ConsiderationBenefit:
		what = "a benefit"
	default:
		return
	}
	on := b.on().with(OnRecipient, b.recipientCode())
	if b.says(catalogue.AboutSharing, "no_sale", "not_commercial") != nil {
		add(Error, on, what+" was received for the data, and the notice says that data is not sold or shared for gain")
		return
	}
	add(Review, on, what+" was received for the data")
}

// recipientCode is the code of the recipient; a person has none.
func (b *body) recipientCode() events.Code {
	if b.e.Recipient.Code == "" {
		return "person"
	}
	return b.e.Recipient.Code
}

// consentConditions are the conditions of sharing that mean consent beside those
// that say so in a word.
var consentConditions = []events.Code{"6.1.a", "9.2.a", "opt_in", "agreed"}

// onConsent reports whether the source says that the person consented. Words
// that deny it are no consent.
func onConsent(condition events.Code) bool {
	if slices.Contains(consentConditions, condition) {
		return true
	}
	words := strings.FieldsFunc(string(condition), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	denied := slices.ContainsFunc(words, func(w string) bool {
		return w == "no" || w == "not" || w == "non" || w == "without" || w == "withdrawn" || w == "refused" || w == "missing"
	})
	return !denied && slices.ContainsFunc(words, func(w string) bool { return w == "consent" || w == "consented" })
}

// marketingOfOthers: an activity that is marketing by third parties, or direct
// marketing with a recipient that receives for gain and is no processor of ours.
func marketingOfOthers(b *body, add adder) {
	if b.act == nil || onConsent(b.e.Condition) {
		return
	}
	gain := b.to != nil && b.to.Commercial && b.to.Kind != catalogue.KindProcessor && b.e.ActingAs != events.ActingAsProcessor
	if !b.act.ThirdPartyAds && !(b.act.DirectMarketing && gain) {
		return
	}
	text := "data went to others for their marketing, and the report names no consent"
	if b.says(catalogue.AboutMarketing, "never_third_party") != nil {
		text += "; the notice says that it is never given to others for that"
	}
	add(Error, b.on().with(OnRecipient, b.recipientCode()), text)
}

// sharedWithoutConsent: a report that names no condition may still rest on a
// consent given before; one that names another condition does not.
func sharedWithoutConsent(b *body, add adder) {
	r, ok := b.declaredTo()
	if !ok || !r.NeedsConsent || onConsent(b.e.Condition) {
		return
	}
	on := b.on().with(OnRecipient, r.ID)
	if b.e.Condition == "" {
		add(Warn, on, "the notice shares with this recipient only if the person agrees, and the report names no condition")
		return
	}
	add(Error, on, "the notice shares with this recipient only if the person agrees, and the report names another condition")
}
