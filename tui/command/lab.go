package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"flowscope/engine/labinfo"
)

const labLong = `Serves the lab on this machine, by TLS with a throw-away certificate authority
and by plain HTTP, so that an application of your own can sign people in there:
authority, discovery document, people with their passwords, applications with
their secrets, and the configuration for MSAL and OpenID Connect clients are
printed. Each request that arrives is shown as it comes, and explained where it
fails. At a terminal that is a screen; --plain, --json and a pipe get text.

Without a screen, lines on standard input switch conditions while it runs:
on ID [VALUE], off ID, conditions, help, quit. It serves until quit or an
interrupt; the end of the input does not end it.

Addresses other than loopback are refused. All passwords and secrets of the lab
are public and open nothing else.`

const labExample = `  flowscope lab
  flowscope lab --https localhost:8443 --http localhost:8080 --ca ca.pem
  flowscope lab --plain --condition mfa-required --condition slow=3s
  flowscope lab --json
  flowscope lab conditions`

// labFlags are the flags of flowscope lab.
type labFlags struct {
	http, https, ca string
	conditions      []string
	plain           bool
}

func labCommand(c *call) *cobra.Command {
	var o labFlags
	cmd := &cobra.Command{
		Use:     "lab",
		Short:   "Serve the lab for other programs",
		Long:    labLong,
		Example: labExample,
		Args:    atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for name, address := range map[string]string{"http": o.http, "https": o.https} {
				if cmd.Flags().Changed(name) && address == "" {
					return usage(cmd, "--%s is empty: it takes host and port on loopback, such as localhost:8080", name)
				}
			}
			if cmd.Flags().Changed("ca") && o.ca == "" {
				return usage(cmd, "--ca is empty: it takes the name of a new file")
			}
			at := labinfo.Addresses{HTTP: o.http, HTTPS: o.https}
			if c.d.Terminal && !c.json && !o.plain && o.ca == "" {
				return c.openLab(cmd, at, o)
			}
			return c.serveLab(cmd, at, o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.https, "https", "", "`ADDRESS` for TLS, on loopback (default a free port of localhost)")
	f.StringVar(&o.http, "http", "", "`ADDRESS` for plain HTTP, on loopback (default a free port of localhost)")
	f.StringVar(&o.ca, "ca", "", "write the certificate of the throw-away authority to this new `FILE`; implies --plain")
	f.StringArrayVar(&o.conditions, "condition", nil, "switch this `ID[=VALUE]` on; may be repeated")
	f.BoolVar(&o.plain, "plain", false, "text instead of the screen")
	f.BoolVar(&c.json, "json", false, "print one line of description, and words to standard error")
	cmd.AddCommand(labConditionsCommand(c))
	return cmd
}

// openLab opens the program on the screen of the lab.
func (c *call) openLab(cmd *cobra.Command, at labinfo.Addresses, o labFlags) error {
	return c.d.OpenLab(cmd.Context(), c.set, func(ctx context.Context, lab labinfo.Lab) error {
		if err := switchOn(cmd, lab, o.conditions); err != nil {
			return err
		}
		_, err := share(ctx, cmd, lab, at)
		return err
	})
}

// share serves the lab; an address that it can't be served on is a mistake in
// the command line.
func share(ctx context.Context, cmd *cobra.Command, lab labinfo.Lab, at labinfo.Addresses) (labinfo.Description, error) {
	d, err := lab.Share(ctx, at)
	var bad *labinfo.AddressError
	if errors.As(err, &bad) {
		return d, usage(cmd, "%v", bad)
	}
	return d, err
}

// switchOn switches the conditions of the flags on, before anything runs.
func switchOn(cmd *cobra.Command, lab labinfo.Lab, conditions []string) error {
	for _, text := range conditions {
		id, value, _ := strings.Cut(text, "=")
		known := false
		var ids []string
		for _, c := range lab.Conditions() {
			known = known || c.ID == id
			ids = append(ids, c.ID)
		}
		if !known {
			return usage(cmd, "--condition: there is no condition %q%s; flowscope lab conditions lists them all", short(id), meant(id, ids))
		}
		if err := lab.Switch(id, value); err != nil {
			return usage(cmd, "--condition: %v", err)
		}
	}
	return nil
}

// labServing is a lab that is being served in text.
type labServing struct {
	c     *call
	lab   labinfo.Lab
	app   *App
	page  *page
	shown int // the newest request that was shown
	since int // requests since the redactor was made
	said  repeats
}

func (c *call) serveLab(cmd *cobra.Command, at labinfo.Addresses, o labFlags) error {
	app, err := c.application()
	if err != nil {
		return err
	}
	if err := switchOn(cmd, app.Lab, o.conditions); err != nil {
		return err
	}
	ctx := cmd.Context()
	d, err := share(ctx, cmd, app.Lab, at)
	if err != nil {
		return err
	}
	defer app.Lab.Unshare()
	if o.ca != "" {
		if err := c.d.WriteNew(o.ca, d.CAPEM); err != nil {
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("--ca: %s is there already, and each run makes a certificate of its own: give another name, or delete the file first", short(o.ca))
			}
			return fmt.Errorf("--ca: %w", err)
		}
	}
	s := &labServing{c: c, lab: app.Lab, app: app, page: newPage(c)}
	bell, end := app.Requests.Subscribe()
	defer end()
	if c.json {
		s.page.words = true
		if err := c.printJSON(d); err != nil {
			return err
		}
	} else {
		s.page.labIntro(d, o.ca)
	}
	return s.serve(ctx, bell)
}

// serve shows requests and obeys lines until it is told to end.
func (s *labServing) serve(ctx context.Context, bell <-chan struct{}) error {
	done := make(chan struct{})
	defer close(done)
	lines := make(chan string)
	go readLines(s.c.d.In, lines, done)
	for s.c.outErr == nil {
		select {
		case <-ctx.Done():
			return status(exitInterrupted)
		case <-bell:
			s.show()
		case line, more := <-lines:
			if !more {
				lines = nil // the end of the input does not end the lab
				continue
			}
			if s.obey(line) {
				s.show() // what came before the word to end
				return nil
			}
		}
	}
	return nil
}

// readLines sends the lines of a reader until it ends or done is closed; a read
// that waits ends with its input.
func readLines(in io.Reader, lines chan<- string, done <-chan struct{}) {
	defer close(lines)
	reader := bufio.NewReaderSize(in, maxTyped)
	for {
		line, err := reader.ReadSlice('\n')
		text := string(line)
		for errors.Is(err, bufio.ErrBufferFull) { // longer than anything that could be meant: passed over
			text = tooLong
			_, err = reader.ReadSlice('\n')
		}
		if text != "" {
			select {
			case lines <- text:
			case <-done:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// tooLong stands for a line that is too long to be kept; obey says so.
const tooLong = "a line of more than 64 KiB"

// obey does what a line says and reports whether it says to end.
func (s *labServing) obey(line string) bool {
	words := strings.Fields(line)
	if len(words) == 0 {
		return false
	}
	var err error
	switch verb := strings.ToLower(words[0]); {
	case verb == "quit" || verb == "exit":
		return true
	case verb == "conditions" && len(words) == 1:
		s.page.conditions(s.lab.Conditions())
	case verb == "help":
		s.page.labHelp()
	case verb == "on" && len(words) >= 2:
		id, value, _ := strings.Cut(strings.Join(words[1:], " "), "=") // as --condition has it
		if !strings.Contains(line, "=") {
			id, value, _ = strings.Cut(id, " ")
		}
		err = s.turn(strings.TrimSpace(id), strings.ReplaceAll(value, " ", ""))
	case verb == "off" && len(words) == 2:
		err = s.turn(words[1], "off")
	default:
		err = fmt.Errorf("%q is none of: on ID [VALUE], off ID, conditions, help, quit", short(line))
	}
	if err != nil {
		s.page.signed(0, s.page.g.Fail, s.page.st.Fail, s.page.st.Text, s.c.clean(err.Error()))
	}
	s.page.flush()
	return false
}

// turn switches a condition and says how it stands now.
func (s *labServing) turn(id, value string) error {
	if err := s.lab.Switch(id, value); err != nil {
		return err
	}
	for _, c := range s.lab.Conditions() {
		if c.ID == id {
			s.page.condition(c)
			return nil
		}
	}
	return errors.New("there is no condition " + id)
}

func labConditionsCommand(c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "conditions",
		Short: "List what can be switched in the lab",
		Long:  "Lists the conditions of the lab: policies, accounts, keys and time, troubles of\nthe service. flowscope lab and flowscope run switch them with --condition.",
		Args:  atMost(0),
		RunE: func(*cobra.Command, []string) error {
			app, err := c.application()
			if err != nil {
				return err
			}
			all := app.Lab.Conditions()
			if c.json {
				return c.printJSON(struct {
					Schema     int                 `json:"schema"`
					Conditions []labinfo.Condition `json:"conditions"`
				}{1, all})
			}
			p := newPage(c)
			p.conditions(all)
			p.flush()
			return nil
		},
	}
	jsonFlag(cmd, c)
	return cmd
}
