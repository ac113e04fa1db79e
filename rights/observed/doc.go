// Package observed holds what systems report against what the catalogue
// declares, one body of codes at a time.
//
// It owns the rules for that: each is a small pure function of the catalogue and
// one body, with its name, its source in the law and its remedy. Because a body
// is the same for everybody it was said of, the rules run over a short list, at
// reading, for whichever catalogue is in force; nothing they find is stored, so
// nothing of it can be lost. What only the history of a person shows is not
// found here.
//
// It also says where a finding stands once people have decided about it.
//
// It may never see a store, a person, a clock or the vault (I1, I4): the day is
// an argument.
package observed
