package scripts

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	natsd "github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"
)

// clusterStart runs three NATS servers with the configuration that
// docker-compose.yml gives its own, but for names, ports and folders, and points
// the script's server at them.
func clusterStart(ts *testscript.TestScript, neg bool, args []string) {
	routes := make([]*url.URL, 3)
	for i := range routes {
		routes[i] = &url.URL{Scheme: "nats-route", Host: freeAddress(ts)}
	}
	var urls []string
	var nodes []*natsd.Server
	for i := range routes {
		o, err := natsd.ProcessConfigFile("../../deploy/nats/cluster.conf")
		ts.Check(err)
		o.ServerName = fmt.Sprintf("nats-%d", i+1)
		o.StoreDir = ts.MkAbs(o.ServerName)
		o.Host, o.Port, o.HTTPPort, o.NoSigs, o.NoLog = "127.0.0.1", natsd.RANDOM_PORT, 0, true, true
		host, port, err := net.SplitHostPort(routes[i].Host)
		ts.Check(err)
		o.Cluster.Host = host
		_, err = fmt.Sscan(port, &o.Cluster.Port)
		ts.Check(err)
		o.Routes = routes
		s, err := natsd.NewServer(o)
		ts.Check(err)
		s.Start()
		ts.Defer(func() { s.Shutdown(); s.WaitForShutdown() })
		nodes = append(nodes, s)
	}
	for _, s := range nodes {
		if !s.ReadyForConnections(startWithin) {
			ts.Fatalf("a NATS server did not start within %s", startWithin)
		}
		urls = append(urls, strings.Replace(s.ClientURL(), "nats://", "nats://habeas:"+natsPassword+"@", 1))
	}
	awaitLeader(ts, nodes)
	ts.Setenv("HABEAS_NATS", strings.Join(urls, ","))
}

const natsPassword = "planted-password"

// awaitLeader waits until the three have met and chosen who leads.
func awaitLeader(ts *testscript.TestScript, nodes []*natsd.Server) {
	deadline := time.NewTimer(startWithin)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		for _, s := range nodes {
			if s.JetStreamIsLeader() && s.NumRoutes() > 0 && len(s.JetStreamClusterPeers()) == len(nodes) {
				return
			}
		}
		select {
		case <-deadline.C:
			ts.Fatalf("the cluster chose no leader within %s", startWithin)
		case <-again.C:
		}
	}
}

// setClusterEnvironment sets what the configuration file takes from the
// environment. It is called once, before any script runs.
func setClusterEnvironment() error {
	if err := os.Setenv("NATS_SERVER_NAME", "nats-1"); err != nil {
		return err
	}
	return os.Setenv("NATS_PASSWORD", natsPassword)
}
