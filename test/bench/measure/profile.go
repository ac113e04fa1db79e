package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profile starts a processor profile of the phase if one was asked for.
func profile(job order) (stop func(), err error) {
	if job.Options.Profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(filepath.Join(job.Options.Profile, job.Phase+".pprof"))
	if err != nil {
		return nil, fmt.Errorf("create a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("start a profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
