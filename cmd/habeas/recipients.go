package main

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/spf13/cobra"
)

func (a *app) recipientsCmd() *cobra.Command {
	c := &cobra.Command{
		Use:   "recipients",
		Short: "Register and list those to whom data goes, by name",
		Long: `A notice often names only classes of recipients: "dental practices". The law asks
for the names where they are known (Article 15(1)(c)). A recipient that is
registered under the code by which your systems report it appears by its name in
every footprint, and is a system of its own that may report what it holds.`,
	}
	c.AddCommand(a.recipientAddCmd(), a.recipientListCmd())
	return c
}

func (a *app) recipientAddCmd() *cobra.Command {
	var in server.NewRecipient
	c := &cobra.Command{
		Use:   "add ID --class CLASS|undeclared --name NAME",
		Short: "Register a recipient by name, or correct its registration",
		Long: `Register the recipient that your systems report as ID. CLASS is a recipient of the
catalogue whose members have names of their own; undeclared is for a body that no
class covers: it is shown by its name, and stays a finding.

ID stands in the journal and in logs as it is: a person's name or number has no
place in it. The registration is a fact of the journal; its name and contact are sealed in the
vault. A later one of the same ID takes its place. Events that came before the
first registration are not rewritten: their recipient stays undeclared.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.ID = args[0]
			if in.Class == "" || in.Name == "" {
				return usage("want --class (a class of the catalogue, or undeclared) and --name")
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			in.Country = strings.ToLower(in.Country)
			var done server.RegisteredRecipient
			if err := cl.call(cmd.Context(), http.MethodPost, "/v1/recipients", in, &done); err != nil {
				return err
			}
			if a.json {
				return a.print(done)
			}
			verb := "registered"
			if done.Corrected {
				verb = "corrected"
			}
			_, err = fmt.Fprintf(a.out, "%s: %s is %s (journal position %s)\n", verb, done.Recipient.ID, done.Recipient.Name, done.Position)
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&in.Class, "class", "", "its class in the catalogue, or undeclared")
	f.StringVar(&in.Kind, "kind", "", "controller, processor, authority, individual, public or unspecified (default: that of the class)")
	f.StringVar(&in.Name, "name", "", "what it calls itself")
	f.StringVar(&in.Country, "country", "", "two letters, such as GB (default: that of the class)")
	f.StringVar(&in.Contact, "contact", "", "whom to write to there; kept sealed")
	return c
}

func (a *app) recipientListCmd() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the recipients of the catalogue and those registered by name; the look is recorded", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l server.RecipientList
			raw, err := a.fetch(cmd, "/v1/recipients", &l)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, x := range l.Recipients {
				since := "in the catalogue"
				if x.Registered != nil {
					since = "registered " + x.Registered.Time().Format("2 Jan 2006")
				}
				class := x.Class
				if !x.Named {
					class = "(is a class)"
				}
				rows = append(rows, []string{x.ID, cmp.Or(class, "-"), x.Kind, cmp.Or(strings.ToUpper(x.Country), "-"), since, cmp.Or(x.Contact, "-"), x.Name})
			}
			return a.table(raw, []string{"RECIPIENT", "CLASS", "KIND", "COUNTRY", "SINCE", "CONTACT", "NAME"}, rows)
		},
	}
}
