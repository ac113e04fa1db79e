package catalogue

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// MaxSize is the greatest size of a catalogue file in bytes.
const MaxSize = 4 << 20

//go:embed notices/*.yaml
var notices embed.FS

// Load reads and checks one catalogue. The name stands in its errors. It
// returns Errors with every fault found, or the catalogue, never both.
func Load(name string, r io.Reader) (*Catalogue, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read catalogue %s: %w", name, err)
	}
	if len(b) > MaxSize {
		return nil, Errors{{name, 0, fmt.Sprintf("want at most %d bytes", MaxSize)}}
	}
	doc, err := parse(name, b, "a catalogue")
	if err != nil {
		return nil, err
	}
	l := newLoader(name)
	c := new(Catalogue)
	l.decode(doc, reflect.ValueOf(c).Elem(), "")
	return c.finish(l)
}

// parse returns the one document of a YAML file; what says what it holds.
func parse(name string, b []byte, what string) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(b))
	var doc, more yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, Errors{{name, 0, "the file is empty; want " + what}}
	case err != nil:
		return nil, Errors{yamlError(name, err)}
	}
	if err := d.Decode(&more); err == nil {
		return nil, Errors{{name, more.Line, "want one YAML document, got several"}}
	} else if !errors.Is(err, io.EOF) {
		return nil, Errors{yamlError(name, err)}
	}
	return doc.Content[0], nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

func yamlError(name string, err error) Error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	line := 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = "not YAML: " + m[2]
	}
	return Error{name, line, text}
}

// LoadFile reads and checks the catalogue in a file.
func LoadFile(path string) (*Catalogue, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open catalogue: %w", err)
	}
	defer f.Close()
	return Load(path, f)
}

// Shipped lists the names of the catalogues inside the program.
func Shipped() []string {
	entries, err := notices.ReadDir("notices")
	if err != nil {
		panic("catalogue: embedded notices are unreadable: " + err.Error())
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".yaml"); !strings.HasSuffix(name, ".decisions") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// LoadShipped loads a catalogue that is part of the program, under the
// decisions shipped with it.
func LoadShipped(name string) (*Catalogue, error) {
	f, err := notices.Open("notices/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no catalogue %q is shipped; want one of %s", name, strings.Join(Shipped(), ", "))
	}
	defer f.Close()
	c, err := Load(name+".yaml", f)
	if err != nil {
		return nil, err
	}
	d, err := ShippedDecisions(name)
	if err != nil || d == nil {
		return c, err
	}
	return c.WithDecisions(d)
}

// Find loads what --catalogue names: a shipped catalogue, or else a file.
func Find(nameOrFile string) (*Catalogue, error) {
	if slices.Contains(Shipped(), nameOrFile) {
		return LoadShipped(nameOrFile)
	}
	if filepath.Ext(nameOrFile) == "" && !strings.ContainsRune(nameOrFile, filepath.Separator) {
		if _, err := os.Stat(nameOrFile); err != nil {
			return LoadShipped(nameOrFile)
		}
	}
	return LoadFile(nameOrFile)
}

// Text returns what Find would read, as it stands.
func Text(nameOrFile string) ([]byte, error) {
	if b, err := os.ReadFile(nameOrFile); err == nil && !slices.Contains(Shipped(), nameOrFile) {
		return b, nil
	}
	b, err := notices.ReadFile("notices/" + nameOrFile + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("read the text of catalogue %q: neither a file nor one of %s", nameOrFile, strings.Join(Shipped(), ", "))
	}
	return b, nil
}
