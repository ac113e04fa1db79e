package server

import (
	"net/http"

	"github.com/habeas-data/habeas/connectors/fanout"
	"github.com/habeas-data/habeas/connectors/ingest"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/events/journal"
	"github.com/habeas-data/habeas/projections/facets"
	"github.com/habeas-data/habeas/projections/inventory"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics reads the parts' own counts when it is asked. Labels are systems and
// logs, never people.
type metrics struct {
	s       *Server
	handler http.Handler
}

func newMetrics(s *Server) *metrics {
	reg := prometheus.NewRegistry()
	m := &metrics{s: s}
	reg.MustRegister(m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("habeas_"+name, help, labels, nil)
}

var (
	descIngest     = desc("ingest_events_total", "Events answered, by system and outcome.", "system", "status")
	descBusy       = desc("ingest_busy_total", "Requests answered busy.")
	descUndeclared = desc("ingest_undeclared_codes_total", "Codes replaced because the catalogue does not know them.")
	descInFlight   = desc("ingest_in_flight_events", "Events waiting for durability.")
	descFrames     = desc("journal_frames_total", "Frames made durable since the start.", "log")
	descRecords    = desc("journal_records_total", "Records made durable since the start.", "log")
	descBytes      = desc("journal_bytes_total", "Bytes of frames made durable since the start.", "log")
	descDuplicates = desc("journal_duplicates_total", "Events recognised as repeats.", "log")
	descRetries    = desc("journal_retries_total", "Attempts to save a frame after the first.", "log")
	descAppend     = desc("journal_append_seconds", "Time to make a frame durable.", "log")
	descBehind     = desc("journal_clock_behind_seconds", "How far the clock stands behind the last recorded time.", "log")
	descLag        = desc("map_lag_seconds", "Age of the last applied frame.")
	descLagFrames  = desc("map_lag_frames", "Frames in the journal that the map has not applied.")
	descApplied    = desc("map_events_total", "Events in the map.")
	descQuarantine = desc("map_quarantined_events", "Events of the journal that could not be placed.")
	descDisk       = desc("map_disk_bytes", "Size of the map's files.")
	descViews      = desc("map_views", "Snapshots open now.")
	descSpans      = desc("facets_spans", "Spans of the index that counts people.")
	descSpanBytes  = desc("facets_memory_bytes", "Memory of the index that counts people.")
	descTaskBells  = desc("tasks_rung_total", "Doorbells put into the queue of tasks.")
	descTaskClaims = desc("tasks_claims_total", "Requests for tasks.")
	descTaskGiven  = desc("tasks_given_total", "Tasks given out.")
	descTaskNot    = desc("tasks_not_given_total", "Tasks that could not be given out when it came to it.")
	descTaskSaid   = desc("tasks_reported_total", "Reports on tasks, by outcome.", "outcome")
	descTaskOpen   = desc("tasks_open", "Tasks that a system is not done with.", "system", "standing")
	descReady      = desc("ready", "1 when the server answers.")
	descHeard      = desc("system_last_heard_timestamp_seconds", "When a system's last event or heartbeat was recorded.", "system")
)

// Describe sends nothing: the collector is unchecked, because systems come and
// go with the catalogue.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect reads everything once.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	count := func(d *prometheus.Desc, v float64, l ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, l...)
	}
	gauge := func(d *prometheus.Desc, v float64, l ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, l...)
	}
	g := m.s.gateway
	g.Counts.Each(func(system events.Code, st ingest.Status, n int64) {
		count(descIngest, float64(n), string(system), st.String())
	})
	count(descBusy, float64(g.Counts.Busy()))
	count(descUndeclared, float64(g.Counts.Undeclared()))
	gauge(descInFlight, float64(g.InFlight()))
	m.tasks(count, gauge)
	for name, st := range map[string]journal.Stats{"events": m.s.events.Stats(), "vault": m.s.vaults.Stats(), "audit": m.s.audits.Stats()} {
		count(descFrames, float64(st.Frames), name)
		count(descRecords, float64(st.Records), name)
		count(descBytes, float64(st.Bytes), name)
		count(descDuplicates, float64(st.Duplicates), name)
		count(descRetries, float64(st.Retries), name)
		gauge(descBehind, st.Behind.Seconds(), name)
		buckets := map[float64]uint64{}
		for i, b := range journal.LatencyBounds {
			buckets[b.Seconds()] = st.Append[i]
		}
		out <- prometheus.MustNewConstHistogram(descAppend, st.Append[len(journal.LatencyBounds)], st.AppendSum.Seconds(), buckets, name)
	}
	st := m.s.graph.Stats()
	lag := float64(m.s.last().Seq) - float64(st.Position.Seq)
	gauge(descLagFrames, max(lag, 0))
	if lag > 0 {
		gauge(descLag, st.Lag.Seconds())
	} else {
		gauge(descLag, 0)
	}
	count(descApplied, float64(st.Events))
	gauge(descQuarantine, float64(st.Quarantined))
	gauge(descDisk, float64(st.DiskBytes))
	gauge(descViews, float64(st.Views))
	m.s.graph.Facets().Read(func(r *facets.Reading) {
		size := r.Size()
		gauge(descSpans, float64(size.Spans))
		gauge(descSpanBytes, float64(size.Bytes))
	})
	ready := 0.0
	if m.s.ready.Load() {
		ready = 1
	}
	gauge(descReady, ready)
	m.systems(gauge)
	m.cases(gauge)
}

func (m *metrics) systems(gauge func(*prometheus.Desc, float64, ...string)) {
	v := m.s.graph.View()
	defer v.Close()
	list, err := inventory.Systems(v)
	if err != nil {
		m.s.log.Warn("the systems could not be measured", "error", err)
		return
	}
	for _, x := range list {
		gauge(descHeard, float64(x.Recorded)/1e6, string(x.Code))
	}
}

// tasks reads what fan-out counted.
func (m *metrics) tasks(count, gauge func(d *prometheus.Desc, v float64, l ...string)) {
	f := m.s.fanout.Load()
	if f == nil {
		return
	}
	count(descTaskBells, float64(f.Counts.Rung()))
	count(descTaskClaims, float64(f.Counts.Claims()))
	count(descTaskGiven, float64(f.Counts.Revealed()))
	count(descTaskNot, float64(f.Counts.Refused()))
	f.Counts.EachOutcome(func(o events.Code, n int64) { count(descTaskSaid, float64(n), string(o)) })
	f.Counts.EachSystem(func(system events.Code, s fanout.Standing) {
		gauge(descTaskOpen, float64(s.InHand), string(system), "in_hand")
		gauge(descTaskOpen, float64(s.Waits), string(system), "waits")
		gauge(descTaskOpen, float64(s.Open-s.InHand-s.Waits), string(system), "ready")
	})
}
