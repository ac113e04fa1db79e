package vault

import (
	"github.com/habeas-data/habeas/events"
)

// formsOf returns the digests of an identifier, newest rule first. They are kept
// under a keyed hash of what was sent, so that a known spelling is not
// normalised again. If it had to be, the newest form is returned as well.
func (v *Vault) formsOf(id events.Identifier) (forms []form, text string, err error) {
	k := v.raw.sum(id)
	if f, ok := v.forms.get(k); ok {
		return f, "", nil
	}
	texts, err := v.rules.Forms(id)
	if err != nil {
		return nil, "", err
	}
	out := make([]form, len(texts))
	for i, f := range texts {
		out[i] = form{f.Version, v.lookup.form(id.Kind, f), v.suppress.form(id.Kind, f)}
	}
	v.forms.replace(k, out)
	return out, texts[0].Text, nil
}
