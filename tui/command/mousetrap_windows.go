package command

import "github.com/spf13/cobra"

// A double click in Explorer opens the screens like a start from a terminal;
// cobra's own answer is a message and a pause.
func init() { cobra.MousetrapHelpText = "" }
