package command

import (
	"context"
	"errors"
)

// compare runs an order clean and broken, and shows what differs first.
func (c *call) compare(ctx context.Context, app *App, ord order) error {
	return errors.New("not yet")
}
