package main

import (
	"fmt"
	"net/http"
	"time"

	"github.com/habeas-data/habeas/cmd/habeas/server"
	"github.com/spf13/cobra"
)

func (a *app) clockCmd() *cobra.Command {
	c := &cobra.Command{
		Use: "clock", Short: "See what the server takes for today, or set it in a rehearsal",
		Long: `See what the server takes for today. A server that was started with --test-clock
lets a script set the day: it is then the end of that day in London, arrivals are
stamped with it, and every fact is marked simulated. The first day may be any; from
then on the clock goes forward only. Set it before the first events are sent: what
was recorded before keeps the time at which it came.`,
	}
	c.AddCommand(&cobra.Command{
		Use: "show", Short: "Show what the server takes for now", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.clock(cmd, http.MethodGet, nil) },
	}, &cobra.Command{
		Use: "set DATE", Short: "Make it the end of a day, such as 2022-10-03; only under --test-clock, forward only", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := time.Parse(time.DateOnly, args[0]); err != nil {
				return usage("%q: want a day as YYYY-MM-DD", args[0])
			}
			return a.clock(cmd, http.MethodPost, server.ClockSetting{Day: args[0]})
		},
	})
	return c
}

func (a *app) clock(cmd *cobra.Command, method string, in any) error {
	c, err := a.dial()
	if err != nil {
		return err
	}
	var v server.ClockView
	if err := c.call(cmd.Context(), method, "/v1/clock", in, &v); err != nil {
		return err
	}
	if a.json {
		return a.print(v)
	}
	how := "the time of day"
	switch {
	case v.Set:
		how = "set by a script"
	case v.Simulated:
		how = "the time of day; a script may set it"
	}
	_, err = fmt.Fprintf(a.out, "%s (%s)\n", v.Day, how)
	return err
}
