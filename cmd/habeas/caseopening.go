package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/habeas-data/habeas/api"
	"github.com/spf13/cobra"
)

func (a *app) caseCommitmentCmd() *cobra.Command {
	var in api.CaseCommitment
	var out string
	c := &cobra.Command{
		Use:   "commitment CASE DIGITS [--out FILE]",
		Short: "Show what stands behind one commitment of a certificate, for a third party to check",
		Long: `Show the sealed report, decision or approval behind one commitment of a certificate: its
digits as the certificate has them, or at least the first eight. Whoever is given the file
checks it with "habeas verify CERT --open FILE".

It may hold personal data. The look is recorded.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Content = args[1]
			var raw json.RawMessage
			cl, err := a.dial()
			if err != nil {
				return err
			}
			if err := cl.call(cmd.Context(), "POST", casePath(args[0], "/commitment"), in, &raw); err != nil {
				return err
			}
			if out == "" {
				return a.print(raw)
			}
			if err := os.WriteFile(out, append(raw, '\n'), 0o600); err != nil {
				return reach("write the opening: %w", err)
			}
			_, err = fmt.Fprintf(a.out, "the opening is in %s; it may hold personal data\n", out)
			return err
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "write it to this file, which only you can read")
	c.Flags().StringVar(&in.Reason, "reason", "", "kept sealed")
	return c
}
