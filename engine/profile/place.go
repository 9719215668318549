package profile

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"
)

// expression is one line or more of a document: a table's heading or a key with
// its value.
type expression struct {
	path       []string // the whole key, the table's included
	table      bool     // a heading
	array      bool     // a heading in double brackets
	start, end int      // the bytes of it, without what is around it on its lines
	inline     bool     // its value is an inline table
}

// document is a TOML text with the places of its expressions.
type document struct {
	data []byte
	list []expression
}

// scan reads the places. Of a text that is not TOML it gives what came before the
// fault.
func scan(data []byte) document {
	d := document{data: data}
	p := unstable.Parser{}
	p.Reset(data)
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		var key []string
		first, last := -1, 0
		for it := e.Key(); it.Next(); {
			n := it.Node()
			key = append(key, string(n.Data))
			if first < 0 {
				first = int(n.Raw.Offset)
			}
			last = int(n.Raw.Offset + n.Raw.Length)
		}
		x := expression{start: first, end: last}
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = key
			x.path, x.table, x.array = key, true, e.Kind == unstable.ArrayTable
		case unstable.KeyValue:
			x.path = append(slices.Clone(table), key...)
			x.start, x.end = int(e.Raw.Offset), int(e.Raw.Offset+e.Raw.Length)
			x.inline = e.Value().Kind == unstable.InlineTable
		default:
			continue
		}
		d.list = append(d.list, x)
	}
	return d
}

// line gives the number of the line that holds a byte, from 1.
func (d document) line(offset int) int { return 1 + bytes.Count(d.data[:offset], []byte("\n")) }

// lineStart gives where the line begins that holds a byte.
func (d document) lineStart(offset int) int {
	return bytes.LastIndexByte(d.data[:offset], '\n') + 1
}

// lineEnd gives where the line ends that holds a byte, its line break included.
func (d document) lineEnd(offset int) int {
	if i := bytes.IndexByte(d.data[offset:], '\n'); i >= 0 {
		return offset + i + 1
	}
	return len(d.data)
}

// at puts the line before an error: that of the key, else that of what it
// belongs to.
func (d document) at(path []string, err error) error {
	for n := len(path); n > 0; n-- {
		for _, x := range d.list {
			if len(x.path) >= n && slices.Equal(x.path[:n], path[:n]) {
				return fmt.Errorf("line %d: %w", d.line(x.start), err)
			}
		}
	}
	return err
}
