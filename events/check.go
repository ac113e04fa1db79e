package events

import (
	"errors"
	"fmt"
)

// Check reports what makes an event impossible to write and read back: too many
// elements, a code out of form, a word out of its list, half a reference. What
// it passes, DecodeEvent reads back from AppendEvent exactly as it is. It does
// not judge which fields a kind should have: facts that habeas writes itself
// follow other rules than those of sources.
//
// Whoever appends to the journal asks it first: what is in the journal stays.
func (e *Event) Check() error {
	var c checker
	if !e.Kind.Known() {
		c.add("kind", "is not known")
	}
	for i := range fields {
		if f := &fields[i]; f.check != nil {
			f.check(&c, e)
		}
	}
	if c.err != nil {
		return fmt.Errorf("check %s: %w", e.Kind, c.err)
	}
	return nil
}

// checker keeps the first thing wrong.
type checker struct{ err error }

func (c *checker) add(name, why string) {
	if c.err == nil {
		c.err = errors.New(name + " " + why)
	}
}

func (c *checker) code(name string, v Code) {
	if v != "" && !v.wellFormed() {
		c.add(name, "is not in the form of a code")
	}
}

func (c *checker) codes(name string, list []Code) {
	if len(list) > MaxCategories {
		c.add(name, "has too many elements")
	}
	for _, v := range list {
		if v == "" {
			c.add(name, "has an empty element")
		}
		c.code(name, v)
	}
}

func (c *checker) pair(name string, first, second Code, needed bool) {
	if first == "" && (second != "" || needed) {
		c.add(name, "has no code")
	}
	c.code(name, first)
	c.code(name, second)
}

func (c *checker) ref(name string, r Ref) {
	if r.Handle.IsZero() != (r.Kind == "") {
		c.add(name, "has a handle without a kind, or a kind without a handle")
	}
	c.code(name, r.Kind)
}
