package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/engine/explain"
	"flowscope/engine/har"
)

// exportFile is one file that is written from the trace.
type exportFile struct {
	format har.Format
	name   string
}

// exportFiles reads --har and --export, before anything runs.
func (c *call) exportFiles(cmd *cobra.Command, o *runFlags) ([]exportFile, error) {
	var out []exportFile
	if o.har != "" {
		f, err := har.ParseFormat(har.HARFormat)
		if err != nil {
			return nil, err
		}
		out = append(out, exportFile{f, o.har})
	}
	for _, text := range o.exports {
		format, name, ok := strings.Cut(text, "=")
		if !ok {
			format, name = text, text // run.md says its format by its name
		}
		f, err := har.ParseFormat(format)
		if err != nil || name == "" || name == f.ID {
			return nil, usage(cmd, "--export: %q is not FORMAT=FILE, where FORMAT is %s", short(text), formatNames())
		}
		out = append(out, exportFile{f, name})
	}
	taken := map[string]bool{}
	for _, f := range out {
		if taken[filepath.Clean(f.name)] {
			return nil, usage(cmd, "two exports can't go into one file, %s", short(f.name))
		}
		taken[filepath.Clean(f.name)] = true
		info, err := os.Stat(f.name) // never read: it may be a pipe
		if err == nil && !info.Mode().IsRegular() {
			return nil, usage(cmd, "%s is no ordinary file, and nothing was run", short(f.name))
		}
		if _, err = os.Lstat(f.name); err != nil {
			_, err = c.d.ReadFile(f.name) // of another place than the disk
		}
		if err == nil && !o.force {
			return nil, c.isThere(f.name)
		}
	}
	return out, nil
}

func formatNames() string {
	var names []string
	for _, f := range har.Formats() {
		names = append(names, f.ID)
	}
	return strings.Join(names, ", ")
}

func (c *call) isThere(name string) error {
	return fmt.Errorf("%s is there already, and nothing was run: give another name, or --force to write over it", short(name))
}

// export writes the files that were asked for, each with its receipt on standard
// error.
func (c *call) export(ord order, r *result) error {
	for _, f := range ord.files {
		text, receipt, err := har.Export(r.state.Trace, c.exportOptions(f.format, r))
		if err != nil {
			return err
		}
		if err := c.writeFile(f.name, text, ord.flags.force); err != nil {
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%s is there meanwhile: it was left alone, and the export was not written", short(f.name))
			}
			return fmt.Errorf("%s: %w", short(f.name), err)
		}
		c.say(fmt.Sprintf("Wrote %s into %s, %d bytes.", f.format.Name, f.name, len(text)))
		for _, l := range receipt.Lines() {
			c.say("  " + l)
		}
	}
	return nil
}

func (c *call) exportOptions(f har.Format, r *result) har.Options {
	o := har.Options{
		Format: f.ID, WithSecrets: c.withSecrets, Title: r.run.Plan.Title, Version: c.d.Version, Secrets: c.redactor(),
	}
	for i, s := range r.run.Plan.Steps {
		o.Steps = append(o.Steps, har.Step{N: s.N, Title: s.Title, Label: s.Label, From: s.From, To: s.To, Channel: s.Channel, State: string(r.state.Steps[i])})
	}
	for _, x := range r.findings {
		o.Findings = append(o.Findings, exportFinding(x))
	}
	return o
}

func exportFinding(f explain.Finding) har.Finding {
	out := har.Finding{Title: f.Code + ": " + f.What, Lines: append([]string{}, f.Why...)}
	for _, fix := range f.Fix {
		out.Lines = append(out.Lines, fix.Title)
	}
	return out
}

// writeFile writes a file that only its owner may read, under a name that is
// free; with force over the one that is there.
func (c *call) writeFile(name string, text []byte, force bool) error {
	if c.d.WritePrivate == nil {
		return writePrivate(name, text, force)
	}
	return c.d.WritePrivate(name, text, force)
}

// ownerOnly is the mode of an export: what is masked in it is still about
// somebody's tenant.
const ownerOnly = 0o600

// writePrivate writes next to the name first, so that a file that is written
// over is never half of one.
func writePrivate(name string, text []byte, force bool) error {
	if !force {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, ownerOnly)
		if err != nil {
			return err
		}
		_, err = f.Write(text)
		return errors.Join(err, f.Close())
	}
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target // a link stays one
	}
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return errors.New("this is no ordinary file, and nothing was written")
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".flowscope-*") // made with mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
