package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // time zones on a machine that has none
)

// setText reads text into target, which points to a field of a section: the form that defaults and the environment
// have. A list's elements are separated by commas, and no text at all is the empty list. On an error the target is
// unchanged.
func setText(target any, text string) error {
	switch target := target.(type) {
	case *string:
		*target = text
	case *Secret:
		*target = Secret(text)
	case *bool:
		return assign(target, text, strconv.ParseBool)
	case *int:
		return assign(target, text, strconv.Atoi)
	case *time.Duration:
		return assign(target, text, parseDuration)
	case *Size:
		return assign(target, text, parseSize)
	case **time.Location:
		return assign(target, text, parseTimeZone)
	default:
		return setList(target, splitList(text))
	}
	return nil
}

// setTOML reads a decoded TOML value into target. Numbers and booleans stand there without quotes, all else with them:
// a duration without a unit is refused, not taken for nanoseconds. On an error the target is unchanged.
func setTOML(target, value any) error {
	switch value := value.(type) {
	case string:
		switch target.(type) {
		case *bool, *int:
		default:
			return setText(target, value)
		}
	case bool:
		if target, ok := target.(*bool); ok {
			*target = value
			return nil
		}
	case int64:
		switch target.(type) {
		case *int, *Size:
			return setText(target, strconv.FormatInt(value, 10))
		}
	case []any:
		if items, ok := texts(value); ok {
			return setList(target, items)
		}
	}
	return fmt.Errorf("must be %s, not %s", wanted(target), described(value))
}

// setList reads the elements of a list into target.
func setList(target any, items []string) error {
	switch target := target.(type) {
	case *[]string:
		*target = items
		return nil
	case *[]netip.Prefix:
		return assignPrefixes(target, items)
	default:
		return fmt.Errorf("must be %s, not a list", wanted(target))
	}
}

// assign sets target to what parse makes of text. The parser's own error would only repeat the text.
func assign[T any](target *T, text string, parse func(string) (T, error)) error {
	value, err := parse(text)
	if err != nil {
		return fmt.Errorf("must be %s, not %q", wanted(target), text)
	}
	*target = value
	return nil
}

func assignPrefixes(target *[]netip.Prefix, items []string) error {
	var prefixes []netip.Prefix
	var bad []string
	for _, item := range items {
		prefix, err := parsePrefix(item)
		if err != nil {
			bad = append(bad, item)
		}
		prefixes = append(prefixes, prefix)
	}
	if bad != nil {
		return fmt.Errorf("must be %s, not %q", wanted(target), bad)
	}
	*target = prefixes
	return nil
}

// wanted says what kind of value target takes.
func wanted(target any) string {
	switch target.(type) {
	case *bool:
		return "true or false"
	case *int:
		return "a whole number"
	case *time.Duration:
		return `a duration such as "10s"`
	case *Size:
		return `a size such as "8MiB"`
	case **time.Location:
		return `a time zone such as "Asia/Shanghai"`
	case *[]string:
		return "a list of texts"
	case *[]netip.Prefix:
		return `addresses or networks such as "10.0.0.7" or "10.0.0.0/8"`
	default:
		return "text"
	}
}

// described says what kind of value TOML had. It never shows the value, which may be a secret.
func described(value any) string {
	switch value.(type) {
	case string:
		return "a text in quotes"
	case bool:
		return "a boolean"
	case int64:
		return "a number"
	case float64:
		return "a number with a fraction"
	case time.Time:
		return "a date"
	case map[string]any, []map[string]any:
		return "a table"
	default:
		return "a list of other values"
	}
}

// splitList returns the elements of a list that is written with commas, blanks around them ignored.
func splitList(text string) []string {
	if text == "" {
		return nil
	}
	items := strings.Split(text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// texts returns the elements of a TOML array of strings, and false for any other array.
func texts(values []any) ([]string, bool) {
	var items []string
	for _, value := range values {
		item, ok := value.(string)
		if !ok {
			return nil, false
		}
		items = append(items, item)
	}
	return items, true
}

// parseTimeZone looks a zone up by name. [time.LoadLocation] takes "" for UTC; here it is a value that was left out.
func parseTimeZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, errors.New("no time zone")
	}
	return time.LoadLocation(name)
}

// parsePrefix reads a network, or an address as the network of that address alone. IPv4 has to be written as such: an
// IPv6 form of it would never match an IPv4 peer.
func parsePrefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return netip.Prefix{}, err
		}
		if address.Zone() != "" {
			return netip.Prefix{}, errors.New("an address with a zone")
		}
		address = address.Unmap()
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	if prefix.Addr().Is4In6() {
		return netip.Prefix{}, errors.New("an IPv4 network in IPv6 form")
	}
	return prefix.Masked(), nil
}
