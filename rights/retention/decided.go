package retention

import "github.com/habeas-data/habeas/catalogue"

// decided reads one key of the decisions; none if nobody decided it.
func decided(c *catalogue.Catalogue, key string) []string {
	d, ok := c.Decision(key)
	if !ok {
		return nil
	}
	return d.Value.Words
}
