package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/config"
	"github.com/spf13/pflag"
)

// The published precedence is flag, environment, file, default.
func TestPrecedence(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "habeas.yaml")
	write(t, file, "data: "+dir+"/from-file\nlisten: 127.0.0.1:1\nregion: FR\nkey_copies: [a, b]\n")
	t.Setenv("HABEAS_LISTEN", "127.0.0.1:2")
	t.Setenv("HABEAS_REGION", "DE")
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.String("region", "", "")
	if err := flags.Parse([]string{"--region", "IE"}); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, flags)
	if err != nil {
		t.Fatal(err)
	}
	if c.Region != "IE" || c.Listen != "127.0.0.1:2" || c.Data != dir+"/from-file" || c.LogLevel != "info" {
		t.Fatalf("flag, environment, file, default: got %q %q %q %q", c.Region, c.Listen, c.Data, c.LogLevel)
	}
	if len(c.KeyCopies) != 2 || c.Keys != c.Data+".keys" || c.Ledger != c.Data+".ledger" {
		t.Fatalf("got copies %v, keys %q, ledger %q", c.KeyCopies, c.Keys, c.Ledger)
	}
}

// An unknown key is an error wherever it stands.
func TestUnknownKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "habeas.yaml")
	write(t, file, "lissten: 127.0.0.1:1\n")
	if _, err := config.Load(file, nil); err == nil || !strings.Contains(err.Error(), `"lissten" is not known`) {
		t.Errorf("file: got %v", err)
	}
	write(t, file, "region: GB\n")
	t.Setenv("HABEAS_LISSTEN", "x")
	if _, err := config.Load(file, nil); err == nil || !strings.Contains(err.Error(), "HABEAS_LISSTEN is not a setting") {
		t.Errorf("environment: got %v", err)
	}
}

func TestCheckSaysEverythingAtOnce(t *testing.T) {
	c := config.Default()
	c.Keys = c.Data + "/keys"
	c.Listen = "0.0.0.0:80"
	c.LogFormat = "xml"
	c.MaxInFlight = 1
	err := c.Check()
	if err == nil {
		t.Fatal("want errors")
	}
	for _, want := range []string{"outside data", "open to the network without TLS", "want text or json", "at least 256"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in %v", want, err)
		}
	}
}

func TestMissingFileNamed(t *testing.T) {
	if _, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil {
		t.Fatal("a file that was named must be there")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
