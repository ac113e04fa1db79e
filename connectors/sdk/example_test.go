package sdk_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/habeas-data/habeas/connectors/sdk"
)

// A small customer system that erases, looks again and exports.
func ExampleClient_Work() {
	contacts := map[string]string{"jo@example.org": "Jo"}
	client, err := sdk.NewHTTP("https://habeas.example.org", "the system's token", "crm", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	act := func(ctx context.Context, t sdk.Task) (sdk.Report, error) {
		found := 0
		for _, id := range t.Subject {
			name, ok := contacts[id.Value]
			if !ok {
				continue
			}
			found++
			switch t.Verb {
			case sdk.Erase:
				delete(contacts, id.Value)
			case sdk.Export:
				if _, err := client.Copy(ctx, t, "contact.txt", "text/plain", strings.NewReader(name)); err != nil {
					return sdk.Report{}, err
				}
			}
		}
		switch {
		case t.Verb == sdk.Verify && found > 0:
			return sdk.Report{Outcome: sdk.StillThere, Found: sdk.Count(found)}, nil
		case t.Verb == sdk.Verify:
			return sdk.Report{Outcome: sdk.FoundNothing, Found: sdk.Count(0)}, nil
		case found == 0:
			return sdk.Report{Outcome: sdk.NotFound}, nil
		}
		return sdk.Report{Outcome: sdk.Done, Found: sdk.Count(found)}, nil
	}
	ctx, stop := context.WithCancel(context.Background())
	stop() // a real system works until it is told to end
	if err := client.Work(ctx, sdk.Options{AtOnce: 8}, act); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	fmt.Println("ended")
	// Output: ended
}
