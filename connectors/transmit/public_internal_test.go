package transmit

import (
	"net/netip"
	"testing"
)

// What leads to this machine, into a private network, or to one through a
// translation of addresses, is never connected to.
func TestPublicAddresses(t *testing.T) {
	for _, a := range []string{"127.0.0.1", "::1", "0.0.0.0", "::", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "fe80::1", "fec0::1", "fd00::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "::a00:1", "::ffff:0:a00:1", "64:ff9b::a00:1", "2002:a00:1::", "2001::1", "192.88.99.1", "224.0.0.1", "255.255.255.255"} {
		if public(netip.MustParseAddr(a).Unmap()) {
			t.Errorf("%s is taken for a public address", a)
		}
	}
	for _, a := range []string{"93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"} {
		if !public(netip.MustParseAddr(a).Unmap()) {
			t.Errorf("%s is not taken for a public address", a)
		}
	}
}
