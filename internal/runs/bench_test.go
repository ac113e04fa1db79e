package runs

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

func fill(b *testing.B, s *Store, n int) {
	r := rand.New(rand.NewPCG(1, 1))
	key, value := make([]byte, 41), make([]byte, 30)
	batch := s.Begin()
	for range n {
		for i := 0; i < len(key); i += 8 {
			v := r.Uint64()
			for k := i; k < len(key) && k < i+8; k++ {
				key[k], v = byte(v), v>>8
			}
		}
		if _, ok, err := batch.Get(key); ok || err != nil {
			b.Fatal(err)
		}
		if batch.Set(key, value); batch.Len() == 1000 {
			if err := batch.Commit(nil); err != nil {
				b.Fatal(err)
			}
			batch = s.Begin()
		}
	}
	if err := batch.Commit(nil); err != nil {
		b.Fatal(err)
	}
	if err := s.Flush(); err != nil {
		b.Fatal(err)
	}
}

// Rows that were not there, looked for first, in batches of 1000.
func BenchmarkFill(b *testing.B) {
	s, err := Open(b.TempDir(), Config{Prefix: 17})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	b.ResetTimer()
	fill(b, s, b.N)
	b.StopTimer()
	b.ReportMetric(float64(s.Size())/float64(b.N), "disk-B/op")
}

func BenchmarkScan(b *testing.B) {
	s, err := Open(b.TempDir(), Config{Prefix: 17})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	fill(b, s, 1_000_000)
	r := rand.New(rand.NewPCG(1, 1))
	v := s.Snapshot()
	defer v.Release()
	prefix := make([]byte, 17)
	found := 0
	b.ResetTimer()
	for i := range b.N {
		if i%900_000 == 0 {
			r = rand.New(rand.NewPCG(1, 1))
		}
		var key [48]byte
		for i := 0; i < 41; i += 8 {
			v := r.Uint64()
			for k := i; k < 41 && k < i+8; k++ {
				key[k], v = byte(v), v>>8
			}
		}
		copy(prefix, key[:])
		if err := v.Scan(prefix, nil, func(_, _ []byte) error { found++; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	if found < b.N {
		b.Fatal(found, b.N)
	}
}

// Batches of three rows, after many larger ones.
func BenchmarkSmallBatches(b *testing.B) {
	s, err := Open(b.TempDir(), Config{Memory: 64 << 20})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	r := rand.New(rand.NewPCG(1, 1))
	put := func(n int) {
		batch := s.Begin()
		for range n {
			batch.Set(binary.BigEndian.AppendUint64(nil, r.Uint64()), make([]byte, 50))
		}
		if err := batch.Commit(nil); err != nil {
			b.Fatal(err)
		}
	}
	for range 250 {
		put(300 + r.IntN(1000))
	}
	b.ResetTimer()
	for range b.N {
		put(3)
	}
	b.ReportMetric(float64(len(s.mine)), "tables")
}
