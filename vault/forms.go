package vault

import (
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/vault/normalise"
)

// A form is an identifier under one version of its rule, in plain and as the
// digest that its row has. It lives no longer than a request.
type form struct {
	normalise.Form
	digest digest
	row    place // where its row stands; zero until somebody has looked there
}

// formsOf returns the forms of an identifier, newest rule first.
func (v *Vault) formsOf(id events.Identifier) ([]form, error) {
	var one [1]normalise.Form
	return v.appendForms(nil, one[:0], id)
}

// appendForms is formsOf that appends to dst and works in scratch.
func (v *Vault) appendForms(dst []form, scratch []normalise.Form, id events.Identifier) ([]form, error) {
	texts, err := v.rules.Append(scratch[:0], id)
	if err != nil {
		return dst, err
	}
	for _, f := range texts {
		dst = append(dst, form{Form: f, digest: v.lookup.form(id.Kind, f)})
	}
	return dst, nil
}

// digests are those of the forms.
func digests(forms []form) []digest {
	out := make([]digest, len(forms))
	for i := range forms {
		out[i] = forms[i].digest
	}
	return out
}

// listed is the digest of the row that says what is suppressed for a form.
func (v *Vault) listed(kind events.Code, f *form) digest { return v.suppress.form(kind, f.Form) }

// nameOf names (system, identifier as sent) in memory.
func (h *namer) nameOf(system events.Code, id *events.Identifier) pairName {
	return h.name(system, id.Kind, id.Value.Expose())
}
