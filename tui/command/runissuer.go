package command

import (
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
	id := o.clientID
	if id == "" {
		id = c.d.Getenv("FLOWSCOPE_CLIENT_ID")
	}
	if id == "" {
		return engine.Target{}, usage(cmd, "--issuer needs the id of an application there: --client-id, or FLOWSCOPE_CLIENT_ID")
	}
	secret := c.d.Getenv("FLOWSCOPE_CLIENT_SECRET")
	if secret == "" && c.interactive() && (o.as == "web" || o.as == "daemon" || o.credential == "secret") {
		secret, _ = c.asker().hidden(cmd.Context(), "client secret (empty for none): ")
	}
	c.redactor().Mask(secret)
	return app.Issuer(cmd.Context(), IssuerOptions{Issuer: o.issuer, ClientID: id, ClientType: o.as, Secret: secret, Scopes: o.scopes})
}
