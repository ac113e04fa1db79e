package test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/nats-io/nats-server/v2/server"
)

// TestClusterConfig reads the cluster's configuration with the server's own
// reader, as each of the three nodes.
func TestClusterConfig(t *testing.T) {
	file := filepath.Join(tree(t).Root, "deploy/nats/cluster.conf")
	for _, name := range []string{"nats-1", "nats-2", "nats-3"} {
		t.Setenv("NATS_SERVER_NAME", name)
		t.Setenv("NATS_PASSWORD", "planted")
		o, err := server.ProcessConfigFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if o.ServerName != name || o.Password != "planted" {
			t.Errorf("%s: name %q; name and password come from the environment", name, o.ServerName)
		}
		// I2: acknowledged only after it is on disk.
		if !o.JetStream || !o.SyncAlways {
			t.Errorf("%s: JetStream %v, sync always %v", name, o.JetStream, o.SyncAlways)
		}
		if o.Trace || o.Debug {
			t.Errorf("%s: writes message bodies to its log", name)
		}
		if len(o.Routes) != 3 || o.Cluster.Name != "habeas" {
			t.Errorf("%s: %d routes in cluster %q", name, len(o.Routes), o.Cluster.Name)
		}
	}
}

// TestSystemsConfig reads the accounts of systems with the server's own reader: each
// system may speak on its own subjects and hears nobody else.
func TestSystemsConfig(t *testing.T) {
	t.Setenv("NATS_PASSWORD", "planted")
	t.Setenv("CRM_PASSWORD", "sown")
	o, err := server.ProcessConfigFile(filepath.Join(tree(t).Root, "deploy/nats/systems.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range o.Users {
		if u.Username != "crm" {
			continue
		}
		if u.Account == nil || u.Account.Name != "CRM" || u.Permissions == nil {
			t.Fatalf("crm is in account %v with permissions %v", u.Account, u.Permissions)
		}
		if want := append(fanout.Subjects("crm"), "habeas.v1.ingest.crm"); len(u.Permissions.Publish.Allow) != len(want) {
			t.Errorf("crm may publish to %v, want %v", u.Permissions.Publish.Allow, want)
		}
		return
	}
	t.Error("there is no user crm")
}

// TestSystemdUnit: settings that the unit names are settings that exist, and
// what docs/security.md promises of the process is asked for.
func TestSystemdUnit(t *testing.T) {
	unit := read(t, "deploy/systemd/habeas.service")
	for _, want := range []string{"LimitCORE=0", "DynamicUser=yes", "ProtectSystem=strict", "StateDirectoryMode=0700"} {
		if !strings.Contains(unit, "\n"+want+"\n") {
			t.Errorf("the unit lacks %s", want)
		}
	}
	known := settings(t)
	for file, text := range map[string]string{
		"deploy/systemd/habeas.service": unit,
		"docker-compose.yml":            read(t, "docker-compose.yml"),
		"Dockerfile":                    read(t, "Dockerfile"),
		"docs/operations.md":            read(t, "docs/operations.md"),
		"README.md":                     read(t, "README.md"),
	} {
		for _, m := range regexp.MustCompile(`\bHABEAS_[A-Z_]+\b`).FindAllString(text, -1) {
			if !known[m] && !strings.HasPrefix(m, "HABEAS_TEST_") {
				t.Errorf("%s: %s is no setting", file, m)
			}
		}
	}
}

// settings lists the environment variables that the configuration knows.
func settings(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{"HABEAS_SERVER": true, "HABEAS_TOKEN": true, "HABEAS_CONFIG": true, "HABEAS_KEK": true, "HABEAS_CI": true}
	for _, m := range regexp.MustCompile(`mapstructure:"(\w+)"`).FindAllStringSubmatch(read(t, "config/config.go"), -1) {
		out["HABEAS_"+strings.ToUpper(m[1])] = true
	}
	return out
}

// TestSettingsDocumented: every setting is in the operator's manual.
func TestSettingsDocumented(t *testing.T) {
	manual := read(t, "docs/operations.md")
	for _, m := range regexp.MustCompile(`mapstructure:"(\w+)"`).FindAllStringSubmatch(read(t, "config/config.go"), -1) {
		if !strings.Contains(manual, "`"+m[1]+"`") {
			t.Errorf("docs/operations.md: says nothing of the setting %s", m[1])
		}
	}
}

// TestHealthCheckExists: the command that the container's health check runs is
// a command of ours.
func TestHealthCheckExists(t *testing.T) {
	m := regexp.MustCompile(`"CMD", "/habeas", "(\w+)"`).FindStringSubmatch(read(t, "docker-compose.yml"))
	if m == nil {
		t.Fatal("docker-compose.yml: the server has no health check")
	}
	uses := regexp.MustCompile(`Use:\s+"` + m[1] + `[ "]`)
	for _, f := range tree(t).Files {
		if strings.HasPrefix(f, "cmd/habeas/") && strings.HasSuffix(f, ".go") && uses.MatchString(read(t, f)) {
			return
		}
	}
	t.Errorf("docker-compose.yml: the health check runs %q, which is no command", m[1])
}
