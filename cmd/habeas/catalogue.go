package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/habeas-data/habeas/events"
	"github.com/spf13/cobra"
)

func (a *app) catalogueCmd() *cobra.Command {
	c := &cobra.Command{Use: "catalogue", Short: "Look at what was declared"}
	c.AddCommand(&cobra.Command{
		Use: "list", Short: "List the shipped catalogues", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.print(map[string]any{"catalogues": catalogue.Shipped()})
			}
			for _, n := range catalogue.Shipped() {
				fmt.Fprintln(a.out, n)
			}
			return nil
		},
	}, &cobra.Command{
		Use: "show NAME|FILE", Short: "Show one in plain words: who declares, the systems, each purpose with its basis and its retention, the recipients", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			cat, err := catalogue.Find(args[0])
			if err != nil {
				return usage("%w", err)
			}
			if a.json {
				return a.print(cat)
			}
			return a.showCatalogue(cat)
		},
	}, a.catalogueCheckCmd(), a.catalogueAdoptCmd())
	return c
}

func (a *app) catalogueAdoptCmd() *cobra.Command {
	var dry bool
	c := &cobra.Command{
		Use: "adopt [--dry-run]", Short: "Have the server read its catalogue and decisions again, and put them in force", Args: cobra.NoArgs,
		Long: `Have the running server read the catalogue and the decisions it is configured with
again. If they differ from those in force they become the next version, at once and
for everybody; the change is a fact of the journal, and what happened before stays
judged by the version it happened under.

If anything is wrong with them nothing changes: every fault is listed, and the
version in force stays in force.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cl, err := a.dial()
			if err != nil {
				return err
			}
			var out server.Adoption
			if err := cl.call(cmd.Context(), http.MethodPost, "/v1/catalogue/adopt", server.AdoptOrder{DryRun: dry}, &out); err != nil {
				return err
			}
			switch {
			case a.json:
				return a.print(out)
			case !out.Changed:
				_, err = fmt.Fprintf(a.out, "%s, edition %s, is in force already, as version %d; nothing changed\n", out.Catalogue, out.Edition, out.Version)
			case dry:
				_, err = fmt.Fprintf(a.out, "%s, edition %s, can be adopted as version %d; nothing was changed\n", out.Catalogue, out.Edition, out.Version)
			default:
				_, err = fmt.Fprintf(a.out, "%s, edition %s, is in force as version %d (journal position %s)\n", out.Catalogue, out.Edition, out.Version, out.Position)
			}
			return err
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only say whether they could be adopted")
	return c
}

func (a *app) showCatalogue(cat *catalogue.Catalogue) error {
	w := &page{w: a.out}
	o := &cat.Organisation
	w.line("%s, edition %s (%s)", cat.Title, cat.Edition, cat.ID)
	w.field("Who", o.Name, o.Business)
	if o.TradingAs != "" {
		w.field("Trading as", o.TradingAs)
	}
	w.field("Where", catalogue.PlainCountry(o.Jurisdiction))
	w.field("Role", strings.TrimSpace(string(o.Role)+" "+parenthesis(catalogue.PlainStatus(o.RoleStatus))))
	if !cat.Updated.IsZero() {
		w.field("Notice of", catalogue.PlainDate(cat.Updated))
	}
	w.heading("SYSTEMS OF ITS OWN", len(cat.Systems))
	for i := range cat.Systems {
		x := &cat.Systems[i]
		how := "silent when nothing is heard for " + x.SilentAfter.Plain()
		if !x.SilentAfter.Given() {
			how = "not expected to report at set times"
		}
		w.line("%s: %s (knows people by %s; %s)", x.ID, x.Name, orNone(string(x.Primary)), how)
	}
	w.heading("WHAT IS DONE WITH DATA, AND WHY", len(cat.Activities))
	for i := range cat.Activities {
		w.activity(cat, &cat.Activities[i])
	}
	w.recipients(cat)
	return w.err
}

// A page prints the lines of a catalogue and keeps the first error.
type page struct {
	w   io.Writer
	err error
}

const pageWidth = 96

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, wrapped(fmt.Sprintf(format, args...), "    "))
	}
}

func (p *page) heading(text string, n int) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, "\n%s (%d)\n", text, n)
	}
}

func (p *page) field(name string, values ...string) {
	var list []string
	for _, v := range values {
		if v != "" {
			list = append(list, v)
		}
	}
	p.line("  %s: %s", name, orNone(strings.Join(list, "; ")))
}

func (p *page) activity(cat *catalogue.Catalogue, x *catalogue.Activity) {
	p.line("%s: %s", x.ID, x.Purpose)
	p.field("About", names(cat, catalogue.FieldSubjectType, x.SubjectTypes))
	var kinds []string
	for _, c := range x.Categories {
		name := cat.CategoryName(events.Category{Code: c})
		if k, ok := cat.Category(c); ok && k.Special {
			name += " (special category)"
		} else if ok && k.Criminal {
			name += " (criminal offence data)"
		}
		kinds = append(kinds, name)
	}
	p.field("Data", strings.Join(kinds, ", "))
	var bases []string
	for _, b := range x.LawfulBasis {
		bases = append(bases, catalogue.PlainBasis(b))
	}
	if x.BasisStatus != catalogue.BasisStated {
		bases = append(bases, catalogue.PlainBasisStatus(x.BasisStatus))
	}
	p.field("Lawful basis", bases...)
	p.field("Kept", cat.RetentionText(x.ID))
	p.field("Recipients", recipientNames(cat, x.Recipients))
}

// recipients lists those to whom data may go, by their role.
func (p *page) recipients(cat *catalogue.Catalogue) {
	groups := []struct {
		kind catalogue.RecipientKind
		head string
	}{
		{catalogue.KindProcessor, "RECIPIENTS THAT WORK ON INSTRUCTIONS (PROCESSORS)"},
		{catalogue.KindController, "RECIPIENTS THAT DECIDE FOR THEMSELVES (CONTROLLERS)"},
		{catalogue.KindAuthority, "PUBLIC AUTHORITIES"},
		{catalogue.KindIndividual, "SINGLE PEOPLE"},
		{catalogue.KindPublic, "ANYONE"},
		{catalogue.KindUnspecified, "RECIPIENTS WHOSE ROLE IS NOT STATED"},
	}
	for _, g := range groups {
		var of []*catalogue.Recipient
		for i := range cat.Recipients {
			if cat.Recipients[i].Kind == g.kind {
				of = append(of, &cat.Recipients[i])
			}
		}
		if len(of) == 0 {
			continue
		}
		p.heading(g.head, len(of))
		for _, r := range of {
			where := "country not stated"
			if r.Country != "" {
				where = catalogue.PlainCountry(r.Country)
			}
			named := ""
			if !r.Named && g.kind != catalogue.KindPublic {
				named = "; a class: its members are not named here"
			}
			p.line("%s: %s (%s%s)", r.ID, r.Name, where, named)
			if r.WhatFor != "" {
				p.field("What for", r.WhatFor)
			}
			for _, in := range r.Instances {
				p.line("  %s: %s", in.ID, in.Name)
			}
		}
	}
}

func names(cat *catalogue.Catalogue, f catalogue.Field, codes []events.Code) string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = cat.Name(f, c)
	}
	return strings.Join(list, ", ")
}

func recipientNames(cat *catalogue.Catalogue, codes []events.Code) string {
	return names(cat, catalogue.FieldRecipient, codes)
}

func orNone(text string) string {
	if text == "" {
		return "not stated"
	}
	return text
}

func parenthesis(text string) string {
	if text == "" {
		return ""
	}
	return "(" + text + ")"
}

// wrapped breaks a line between words; what follows the first is indented.
func wrapped(text, indent string) string {
	lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
	var b strings.Builder
	width := 0
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
			b.WriteString(lead)
			width = len(lead)
		case width+1+n > pageWidth:
			b.WriteString("\n" + lead + indent)
			width = len(lead) + len(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}
