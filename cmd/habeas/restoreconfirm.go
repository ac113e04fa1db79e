package main

import (
	"fmt"

	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/spf13/cobra"
)

// restoreConfirmCmd ends the freeze in which a restored server starts.
func (a *app) restoreConfirmCmd() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "confirm --reason TEXT",
		Short: "Let a restored server erase, send out and forget again",
		Long: `A server that was brought back from a backup takes events and answers questions,
but it erases nothing, gives out no task and forgets nobody: requests, approvals
and holds since the backup may be missing. The restore ledger has brought back
what was erased, and the holds, objections, withdrawals and restrictions given
since. Look at what else is missing, record it again, and confirm.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if reason == "" {
				return usage("--reason: want what was looked at")
			}
			var out server.RestoreState
			if err := a.post(cmd, "/v1/restore/confirm", server.RestoreConfirm{Reason: reason}, &out); err != nil {
				return err
			}
			if a.json {
				return a.print(out)
			}
			_, err := fmt.Fprintln(a.out, "confirmed: the server erases, sends out and forgets again")
			return err
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "what was looked at; goes on record")
	return c
}
