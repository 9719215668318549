package command

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"flowscope/engine"
)

// issuer makes the target of --issuer. The client's id comes by --client-id or
// the environment, its secret by the environment or, at a terminal, by a prompt.
func (c *call) issuer(cmd *cobra.Command, app *App, o *runFlags) (engine.Target, error) {
	if app.Issuer == nil {
		return engine.Target{}, errors.New("no issuer but those of the configuration can be reached here")
	}
	if o.clientID == "" && c.d.Getenv("FLOWSCOPE_CLIENT_ID") == "" {
		return engine.Target{}, usage(cmd, "--issuer needs the id of an application there: --client-id, or FLOWSCOPE_CLIENT_ID")
	}
	ask := o.as == "web" || o.as == "daemon" || o.credential == "secret"
	return app.Issuer(IssuerOptions{
		Issuer: o.issuer, ClientID: o.clientID, Scopes: o.scopes, AskSecret: ask && app.Ask != nil,
	})
}

// askSecret is what asks for a secret where somebody can be asked; nil elsewhere.
func (c *call) askSecret(ctx context.Context) func(string) (string, error) {
	if !c.interactive() {
		return nil
	}
	return func(question string) (string, error) {
		answer, ok := c.asker().hidden(ctx, question+": ")
		if !ok {
			return "", errors.New("nothing was typed")
		}
		c.redactor().Mask(answer)
		return answer, nil
	}
}
