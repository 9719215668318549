package command

import (
	"github.com/spf13/cobra"
)

// exportFile is one file that is written from the trace.
type exportFile struct{ format, name string }

// exportFiles reads --har and --export.
func (c *call) exportFiles(cmd *cobra.Command, o *runFlags) ([]exportFile, error) {
	return nil, nil
}

// export writes the files that were asked for.
func (c *call) export(ord order, r *result) error { return nil }
