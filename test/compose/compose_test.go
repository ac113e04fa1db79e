// Package compose checks docker-compose.yml with the loader that the Compose
// client itself uses, so that the file is known to be good without an engine.
// It is a module of its own: the server must not carry the loader's
// dependencies. It upholds no invariant; it guards the promises that
// docs/security.md makes of the container.
package compose

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

func load(t *testing.T, env map[string]string) (*types.Project, error) {
	t.Helper()
	file, err := filepath.Abs("../../docker-compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file}},
		Environment: env,
	}, func(o *loader.Options) { o.SetProjectName("habeas", true) })
}

func project(t *testing.T) *types.Project {
	t.Helper()
	p, err := load(t, map[string]string{"NATS_PASSWORD": "planted"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestThreeNodesAndOneServer(t *testing.T) {
	p := project(t)
	if got, want := p.ServiceNames(), []string{"habeas", "nats-1", "nats-2", "nats-3"}; !slices.Equal(got, want) {
		t.Fatalf("services %v, want %v", got, want)
	}
	for _, name := range []string{"nats-1", "nats-2", "nats-3"} {
		s := p.Services[name]
		if got := s.Environment["NATS_SERVER_NAME"]; got == nil || *got != name {
			t.Errorf("%s: the server's name is not its own", name)
		}
		if len(s.Ports) != 0 {
			t.Errorf("%s: a port of the journal is published", name)
		}
		if !p.Networks["journal"].Internal {
			t.Error("the journal's network can be reached from outside")
		}
		if !slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == "/data" && v.Source == name }) {
			t.Errorf("%s: no volume of its own at /data", name)
		}
		if s.HealthCheck == nil {
			t.Errorf("%s: no health check", name)
		}
	}
}

// TestServerIsConfined: no root, nothing writable but its volumes, one port and
// that on this machine only, keys and ledger apart from the data.
func TestServerIsConfined(t *testing.T) {
	s := project(t).Services["habeas"]
	if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
		t.Error("the server's container can write, gain privileges or keep capabilities")
	}
	if len(s.Ports) != 1 || s.Ports[0].HostIP != "127.0.0.1" {
		t.Errorf("ports %v, want one on 127.0.0.1", s.Ports)
	}
	seen := map[string]string{}
	for _, v := range s.Volumes {
		seen[v.Target] = v.Source
	}
	for _, at := range []string{"/data", "/keys", "/ledger"} {
		if seen[at] == "" {
			t.Errorf("no volume at %s", at)
		}
	}
	if seen["/data"] == seen["/keys"] {
		t.Error("keys share a volume with the data they open")
	}
	if len(s.DependsOn) != 3 {
		t.Errorf("the server waits for %d nodes, want 3", len(s.DependsOn))
	}
}

// TestPasswordIsDemanded: there is no default password to forget.
func TestPasswordIsDemanded(t *testing.T) {
	if _, err := load(t, nil); err == nil || !strings.Contains(err.Error(), "NATS_PASSWORD") {
		t.Errorf("loaded without NATS_PASSWORD: %v", err)
	}
}

// TestDockerfile: what the image promises can be read in the file.
func TestDockerfile(t *testing.T) {
	b, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	stages := strings.Split(text, "\nFROM ")
	last := stages[len(stages)-1]
	for _, want := range []string{"USER 65532:65532", "ENTRYPOINT [\"/habeas\"]", "VOLUME [\"/data\", \"/keys\", \"/ledger\"]"} {
		if !strings.Contains(last, want) {
			t.Errorf("the last stage lacks %s", want)
		}
	}
	if !strings.HasPrefix(last, "scratch\n") {
		t.Error("the last stage is not built on nothing")
	}
	if !strings.Contains(text, "CGO_ENABLED=0 go build") {
		t.Error("the binary is not static")
	}
	if strings.Contains(last, "RUN ") {
		t.Error("an empty image can run nothing")
	}
}
