package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// Load fills a Config: flags that were set, then HABEAS_*, then file, then
// defaults. file "" means ./habeas.yaml if it is there. An unknown key in the
// file and an unknown HABEAS_ variable are errors, except those that belong to
// the client commands.
func Load(file string, flags *pflag.FlagSet) (Config, error) {
	v := viper.NewWithOptions(viper.KeyDelimiter("::"))
	v.SetEnvPrefix("HABEAS") // before BindEnv, which joins the prefix at once
	c := Default()
	for _, k := range keys() {
		v.SetDefault(k.name, k.value(&c))
		if err := v.BindEnv(k.name); err != nil {
			return c, fmt.Errorf("bind HABEAS_%s: %w", strings.ToUpper(k.name), err)
		}
		if flags == nil {
			continue
		}
		if f := flags.Lookup(strings.ReplaceAll(k.name, "_", "-")); f != nil {
			if err := v.BindPFlag(k.name, f); err != nil {
				return c, fmt.Errorf("bind --%s: %w", f.Name, err)
			}
		}
	}
	if err := readFile(v, file); err != nil {
		return c, err
	}
	if err := checkEnvironment(os.Environ()); err != nil {
		return c, err
	}
	if err := v.UnmarshalExact(&c); err != nil {
		return c, fmt.Errorf("read configuration: %w", err)
	}
	return c, c.Check()
}

func readFile(v *viper.Viper, file string) error {
	explicit := file != ""
	if !explicit {
		file = "habeas.yaml"
	}
	v.SetConfigFile(file)
	v.SetConfigType("yaml")
	err := v.ReadInConfig()
	if errors.Is(err, os.ErrNotExist) && !explicit {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	known := map[string]bool{}
	for _, k := range keys() {
		known[k.name] = true
	}
	for _, k := range v.AllKeys() {
		if !known[k] {
			return fmt.Errorf("read %s: key %q is not known; nothing was started", file, k)
		}
	}
	return nil
}

// clientVariables are read by the commands that talk to a server, and by tests.
var clientVariables = map[string]bool{"HABEAS_SERVER": true, "HABEAS_TOKEN": true, "HABEAS_CONFIG": true, "HABEAS_CI": true, "HABEAS_KEK": true}

func checkEnvironment(env []string) error {
	known := map[string]bool{}
	for _, k := range keys() {
		known["HABEAS_"+strings.ToUpper(k.name)] = true
	}
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		if strings.HasPrefix(name, "HABEAS_") && !known[name] && !clientVariables[name] && !strings.HasPrefix(name, "HABEAS_TEST_") {
			return fmt.Errorf("read environment: %s is not a setting; nothing was started", name)
		}
	}
	return nil
}

type key struct {
	name  string
	index int
}

func (k key) value(c *Config) any {
	v := reflect.ValueOf(c).Elem().Field(k.index).Interface()
	if d, ok := v.(time.Duration); ok {
		return d.String()
	}
	return v
}

func keys() []key {
	t := reflect.TypeOf(Config{})
	out := make([]key, t.NumField())
	for i := range out {
		out[i] = key{t.Field(i).Tag.Get("mapstructure"), i}
	}
	return out
}
