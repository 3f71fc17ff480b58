package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

const (
	// variablePrefix starts the name of every environment variable that is ours; any other is ignored.
	variablePrefix = "CAMPUSGATE_"
	// fileSuffix ends the name of a variable that names a file with the value, as container secrets are given.
	fileSuffix = "_FILE"
)

// Load returns the configuration of the defaults, then file, then environ, the later winning. A file of "" is none.
// The elements of environ are name=value, as from [os.Environ]; a variable that is set but empty is the empty value.
// The error joins every problem, one line each, and each line names the key, or the variable or file, that is wrong.
// It never holds the value of a [Secret].
func Load(file string, environ []string) (*Config, error) {
	c := &Config{origin: map[string]string{}, file: file}
	l := &loader{fields: fields(c), origin: c.origin, failed: map[string]bool{}}
	l.readDefaults()
	if file != "" {
		l.readFile(file)
	}
	l.readEnvironment(environ)
	if !l.incomplete {
		c.settle(file == "")
		l.problems = append(l.problems, c.validate(l.failed)...)
	}
	if len(l.problems) > 0 {
		return nil, errors.Join(l.problems...)
	}
	return c, nil
}

// A field is one key of the configuration.
type field struct {
	key      string // as in server.listen
	variable string // as in CAMPUSGATE_SERVER_LISTEN
	initial  string // the default, as text
	target   any    // points into the Config
}

// fields returns every key of c, in the order of the types.
func fields(c *Config) []field {
	var all []field
	for section, value := range reflect.ValueOf(c).Elem().Fields() {
		if !section.IsExported() {
			continue
		}
		for member, value := range value.Fields() {
			key := section.Tag.Get("toml") + "." + member.Tag.Get("toml")
			all = append(all, field{
				key:      key,
				variable: variablePrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_")),
				initial:  member.Tag.Get("default"),
				target:   value.Addr().Interface(),
			})
		}
	}
	return all
}

// loader fills the fields of a Config and gathers what is wrong.
type loader struct {
	fields     []field
	origin     map[string]string // of the Config
	problems   []error
	failed     map[string]bool // keys that have a problem already
	incomplete bool            // the file could not be read, so that what it sets is unknown
}

// problem notes what is wrong with a key.
func (l *loader) problem(key, source string, err error) {
	l.failed[key] = true
	l.problems = append(l.problems, fmt.Errorf("%s: %w", label(key, source), err))
}

// label names a key in a message, with the variable that set it, if one did.
func label(key, variable string) string {
	if variable == "" {
		return key
	}
	return key + " (" + variable + ")"
}

func (l *loader) readDefaults() {
	for _, f := range l.fields {
		if err := setText(f.target, f.initial); err != nil {
			l.problem(f.key, "default", err)
		}
	}
}

func (l *loader) readFile(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		l.incomplete = true
		l.problems = append(l.problems, fmt.Errorf("read configuration: %w", err))
		return
	}
	var tables map[string]any
	if err := toml.Unmarshal(text, &tables); err != nil {
		l.incomplete = true
		l.problems = append(l.problems, fmt.Errorf("read configuration %s: %s", file, syntaxProblem(err)))
		return
	}
	l.readTables(tables)
}

// syntaxProblem says where a file is no TOML. The parser's own message is not used: it quotes what it could not read,
// which is a secret where one was written without its quotes.
func syntaxProblem(err error) string {
	var syntax toml.ParseError
	if !errors.As(err, &syntax) {
		return "not TOML"
	}
	after := ""
	if syntax.LastKey != "" {
		after = ", at or after " + syntax.LastKey
	}
	return fmt.Sprintf("line %d%s: not TOML (is a quote missing, or a key given twice?)", syntax.Position.Line, after)
}

// readTables sets the fields that a decoded file has, in the order of their names.
func (l *loader) readTables(tables map[string]any) {
	known := map[string]field{}
	sections := map[string]bool{}
	for _, f := range l.fields {
		section, _, _ := strings.Cut(f.key, ".")
		known[f.key] = f
		sections[section] = true
	}
	for _, section := range slices.Sorted(maps.Keys(tables)) {
		table, ok := tables[section].(map[string]any)
		switch {
		case !sections[section]:
			l.problems = append(l.problems, fmt.Errorf("%s: unknown key", toml.Key{section}))
		case !ok:
			l.problems = append(l.problems, fmt.Errorf("%s: must be one table, written as [%s]", section, section))
		default:
			l.readTable(section, table, known)
		}
	}
}

func (l *loader) readTable(section string, table map[string]any, known map[string]field) {
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key := toml.Key{section, name}.String() // quoted where it has to be: a key with a dot in it is not ours
		f, ok := known[key]
		if !ok {
			l.problems = append(l.problems, fmt.Errorf("%s: unknown key", key))
			continue
		}
		l.origin[key] = ""
		if err := setTOML(f.target, table[name]); err != nil {
			l.problem(key, "", err)
		}
	}
}

func (l *loader) readEnvironment(environ []string) {
	variables := map[string]string{}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, variablePrefix) {
			variables[name] = value
		}
	}
	for _, f := range l.fields {
		l.readVariable(f, variables)
		delete(variables, f.variable)
		delete(variables, f.variable+fileSuffix)
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		l.problems = append(l.problems, fmt.Errorf("%s: unknown environment variable", name))
	}
}

// readVariable sets a field from its variable, or from the file that its other variable names.
func (l *loader) readVariable(f field, variables map[string]string) {
	name := f.variable
	text, set := variables[name]
	path, inFile := variables[name+fileSuffix]
	switch {
	case set && inFile:
		l.problem(f.key, "", fmt.Errorf("%s and %s are both set", name, name+fileSuffix))
		return
	case inFile:
		name += fileSuffix
		var err error
		if text, err = readValue(path); err != nil {
			l.problem(f.key, name, err)
			return
		}
	case !set:
		return
	}
	l.origin[f.key] = name
	if err := setText(f.target, text); err != nil {
		l.problem(f.key, name, err)
	}
}

// readValue returns the content of a file without the newline that editors and echo put at its end.
func readValue(path string) (string, error) {
	if path == "" {
		return "", errors.New("names no file")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the value: %w", err)
	}
	if value, found := strings.CutSuffix(string(text), "\r\n"); found {
		return value, nil
	}
	return strings.TrimSuffix(string(text), "\n"), nil
}
