package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/habeas-data/habeas/api"
	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/spf13/cobra"
)

func (a *app) tokenCmd() *cobra.Command {
	c := &cobra.Command{Use: "token", Short: "Create, list and revoke access tokens"}
	var roles []string
	var expires time.Duration
	create := &cobra.Command{
		Use:   "create NAME --role ROLE",
		Short: "Make a token; its secret is shown this once",
		Long: `Make a token for a person or a system. Roles: viewer, caseworker, dpo, approver,
engineer, auditor, admin, or system:ID for a source system, which may then send
events of that system and do nothing else.`,
		Example: "  habeas token create platform-prod --role system:platform",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(roles) == 0 {
				return usage("--role: want at least one role, such as system:platform or dpo")
			}
			cl, err := a.dial()
			if err != nil {
				return err
			}
			ask := api.NewToken{Name: args[0], Roles: roles}
			if expires > 0 {
				ask.Expires = time.Now().Add(expires).UTC().Format(time.RFC3339)
			}
			var made api.CreatedToken
			if err := cl.call(cmd.Context(), http.MethodPost, "/v1/tokens", ask, &made); err != nil {
				return err
			}
			if a.json {
				return a.print(made)
			}
			fmt.Fprintln(a.errout, "Keep this secret now; it is not shown again:")
			_, err = fmt.Fprintln(a.out, made.Secret)
			return err
		},
	}
	create.Flags().StringSliceVar(&roles, "role", nil, "a role; repeat for several")
	create.Flags().DurationVar(&expires, "expires", 0, "end the token after this time, such as 720h; 0 means never")
	list := &cobra.Command{
		Use: "list", Short: "List every token, without its secret", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var l api.TokenList
			raw, err := a.fetch(cmd, "/v1/tokens", &l)
			if err != nil {
				return err
			}
			var rows [][]string
			for _, t := range l.Tokens {
				state := "live"
				if !t.Revoked.IsZero() {
					state = "revoked " + t.Revoked.Time().Format("2 Jan 2006")
				}
				rs := make([]string, len(t.Roles))
				for i, r := range t.Roles {
					rs[i] = string(r)
				}
				rows = append(rows, []string{string(t.ID), string(t.Name), strings.Join(rs, ","), t.Created.Time().Format("2 Jan 2006"), state})
			}
			return a.table(raw, []string{"ID", "NAME", "ROLES", "CREATED", "STATE"}, rows)
		},
	}
	revoke := &cobra.Command{
		Use: "revoke ID|NAME", Short: "End a token at once", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cl, err := a.dial()
			if err != nil {
				return err
			}
			id := args[0]
			var l api.TokenList
			if err := cl.call(cmd.Context(), http.MethodGet, "/v1/tokens", nil, &l); err != nil {
				return err
			}
			for _, t := range l.Tokens {
				if string(t.Name) == id && t.Revoked.IsZero() {
					id = string(t.ID)
					break
				}
			}
			if err := cl.call(cmd.Context(), http.MethodDelete, "/v1/tokens/"+url.PathEscape(id), nil, nil); err != nil {
				return err
			}
			if a.json {
				return a.print(map[string]string{"revoked": id})
			}
			_, err = fmt.Fprintln(a.out, "revoked")
			return err
		},
	}
	c.AddCommand(create, list, revoke)
	return c
}

func (a *app) vaultCmd() *cobra.Command {
	c := &cobra.Command{Use: "vault", Short: "See and change the vault's keys"}
	c.AddCommand(&cobra.Command{
		Use: "status", Short: "Show epoch, entries and what is still readable until the next rotation", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s server.VaultStatus
			raw, err := a.fetch(cmd, "/v1/vault/status", &s)
			if err != nil || a.json {
				return errors.Join(err, a.printIf(raw))
			}
			return a.vaultStatus(&s)
		},
	}, &cobra.Command{
		Use: "rotate", Short: "Destroy the old keys: what was forgotten becomes unreadable everywhere", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cl, err := a.dial()
			if err != nil {
				return err
			}
			var s server.VaultStatus
			if err := cl.call(cmd.Context(), http.MethodPost, "/v1/vault/rotate", nil, &s); err != nil {
				return err
			}
			if a.json {
				return a.print(s)
			}
			return a.vaultStatus(&s)
		},
	})
	return c
}

func (a *app) vaultStatus(s *server.VaultStatus) error {
	fmt.Fprintf(a.out, "epoch %d, since %s\n", s.Epoch, s.Began.Time().Format("2 January 2006 15:04"))
	fmt.Fprintf(a.out, "%d identifiers (one per system that knows it), %d of them retired; %d sealed notes\n", s.Entries, s.Retired, s.Notes)
	fmt.Fprintf(a.out, "%d forgotten; %d of them readable with an old copy of the keys until the next rotation\n", s.Forgotten, s.UntilRotation)
	for _, l := range s.Locations {
		note := ""
		if l.Behind != "" {
			note = "  BEHIND: " + l.Behind
		}
		fmt.Fprintf(a.out, "keys at %s: epochs %v%s\n", l.Path, l.Epochs, note)
	}
	return nil
}
