package main

import (
	"strings"
	"testing"
)

// TestCount: the closing line is believed by people and machines, so its
// numbers must be those of the tests that ran.
func TestCount(t *testing.T) {
	const events = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.1}
{"Action":"fail","Package":"p","Test":"TestB/sub"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
{"Action":"pass","Package":"q","Test":"TestD"}
{"Action":"pass","Package":"q","Elapsed":1}
{"Action":"skip","Package":"no-tests"}
{"Action":"build-output","ImportPath":"r","Output":"r.go:1: broken\n"}
{"Action":"fail","Package":"r","FailedBuild":"r"}
`
	for _, c := range []struct {
		ci                      bool
		passed, failed, skipped int
	}{
		// Failed: TestB/sub, TestB and package r, which ran no test.
		{ci: false, passed: 2, failed: 3, skipped: 1},
		// Where nothing may be left out, the skipped test fails as well.
		{ci: true, passed: 2, failed: 4, skipped: 0},
	} {
		r := &run{ci: c.ci}
		r.count(strings.NewReader(events))
		if r.passed != c.passed || r.failed != c.failed || r.skipped != c.skipped {
			t.Errorf("ci %v: %d passed, %d failed, %d skipped; want %d, %d, %d",
				c.ci, r.passed, r.failed, r.skipped, c.passed, c.failed, c.skipped)
		}
	}
}

// TestChoose: a misspelt group is an error, not an empty success.
func TestChoose(t *testing.T) {
	if _, err := choose("house,sripts"); err == nil {
		t.Error("an unknown group was accepted")
	}
	got, err := choose("house,scripts")
	if err != nil || len(got) != 2 {
		t.Errorf("got %d groups, %v", len(got), err)
	}
}
