package ropaview

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/habeas-data/habeas/catalogue"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/ropa"
)

// Namespace is that of our own terms, used where the vocabulary has none: no
// term for Article 10, for the UK's own lawful basis or for the schedules of the
// Data Protection Act 2018, and none for the side a fact stands on.
const Namespace = "https://github.com/habeas-data/habeas/ns#"

// Vocabulary is the version of the Data Privacy Vocabulary whose terms are used;
// the terms' names carry none.
const Vocabulary = "https://w3id.org/dpv/2.3"

// frame is the JSON-LD context: every key that is written stands here, so that a
// processor drops nothing when it expands the document.
var frame = map[string]any{
	"dpv": "https://w3id.org/dpv#", "pd": "https://w3id.org/dpv/pd#", "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
	"dct": "http://purl.org/dc/terms/", "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "skos": "http://www.w3.org/2004/02/skos/core#",
	"xsd": "http://www.w3.org/2001/XMLSchema#", "habeas": Namespace,
	"id": "@id", "type": "@type",
	"label": "rdfs:label", "identifier": "dct:identifier", "title": "dct:title", "description": "dct:description",
	"date":       map[string]any{"@id": "dct:date", "@type": "xsd:date"},
	"vocabulary": map[string]any{"@id": "dct:conformsTo", "@type": "@id"},
	"version":    "dct:hasVersion",
	"broader":    map[string]any{"@id": "skos:broader", "@type": "@id"},
	"contains":   map[string]any{"@id": "dpv:hasProcess", "@container": "@set"},
	"controller": "dpv:hasDataController", "processor": "dpv:hasDataProcessor", "purpose": "dpv:hasPurpose",
	"subjects":   map[string]any{"@id": "dpv:hasDataSubject", "@container": "@set"},
	"data":       map[string]any{"@id": "dpv:hasPersonalData", "@container": "@set"},
	"recipients": map[string]any{"@id": "dpv:hasRecipient", "@container": "@set"},
	"sources":    map[string]any{"@id": "dpv:hasDataSource", "@container": "@set"},
	"legalBasis": map[string]any{"@id": "dpv:hasLegalBasis", "@container": "@set"},
	"rights":     map[string]any{"@id": "dpv:hasRight", "@container": "@set"},
	"storage":    "dpv:hasStorageCondition",
	"location":   map[string]any{"@id": "dpv:hasLocation", "@container": "@set"},
	"country":    "dpv:hasCountry", "measures": map[string]any{"@id": "dpv:hasTechnicalOrganisationalMeasure", "@container": "@set"},
	"transfers": map[string]any{"@id": "habeas:transfer", "@container": "@set"},
	"safeguard": "habeas:safeguard",
	"side":      map[string]any{"@id": "habeas:side", "@type": "@id"},
	"people":    map[string]any{"@id": "habeas:people", "@type": "xsd:integer"},
	"status":    "habeas:status",
	"article":   "habeas:article",
	"special":   map[string]any{"@id": "habeas:specialCategory", "@type": "xsd:boolean"},
	"criminal":  map[string]any{"@id": "habeas:article10", "@type": "xsd:boolean"},
	"firstSeen": map[string]any{"@id": "habeas:firstSeen", "@type": "xsd:dateTime"},
	"lastSeen":  map[string]any{"@id": "habeas:lastSeen", "@type": "xsd:dateTime"},
	"automated": "habeas:automated",
	"assumed":   map[string]any{"@id": "habeas:assumed", "@container": "@set"},
	"schedule":  map[string]any{"@id": "habeas:schedule", "@container": "@set"},
	"interest":  "dpv:hasLegitimateInterest",
	"function":  "habeas:businessFunction",
}

type object = map[string]any

// JSONLD writes the record as one JSON-LD document. base names it: an IRI that
// the parts' own IRIs begin with.
func JSONLD(w io.Writer, rec *ropa.Record, base string) error {
	g := graph{rec, strings.TrimRight(base, "/#")}
	doc := object{
		"@context": frame, "id": g.base, "type": []string{"dpv:ROPA"},
		"title": "Record of processing activities of " + rec.Organisation.Name, "identifier": string(rec.Catalogue), "version": rec.Version,
		"date": rec.AsOf.String(), "vocabulary": Vocabulary,
		"controller": object{"id": g.base + "#controller", "type": []string{"dpv:DataController"}, "label": rec.Organisation.Name, "country": string(rec.Organisation.Jurisdiction)},
	}
	if len(rec.Security) > 0 {
		doc["measures"] = rec.Security
	}
	rows := make([]object, 0, len(rec.Controller)+len(rec.Processor))
	for _, r := range rec.Rows() {
		rows = append(rows, g.row(r))
	}
	doc["contains"] = rows
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("write the record of processing as JSON-LD: %w", err)
	}
	return nil
}

type graph struct {
	rec  *ropa.Record
	base string
}

func (g graph) row(r *ropa.Row) object {
	part, name := "", string(r.Activity)
	if name == "" {
		name = "named-for-no-one-purpose"
	}
	if r.Role == catalogue.Processor {
		part = "-processor"
	}
	o := object{
		"id": g.base + "#" + name + part, "type": []string{"dpv:Process"}, "identifier": string(r.Activity), "label": r.Purpose,
		"side": side(r.Side), "purpose": g.purpose(r),
		"subjects":   entries(r.Subjects, "dpv:DataSubject"),
		"data":       entries(r.Categories, "dpv:PersonalData"),
		"recipients": entries(r.Recipients, "dpv:Recipient"),
		"sources":    entries(r.Sources, "dpv:DataSource"),
		"location":   entries(r.Systems, "dpv:Location"),
		"legalBasis": g.bases(r), "status": string(r.BasisStatus),
		"rights":  rightIRIs(r.Rights),
		"storage": object{"type": []string{"dpv:StorageCondition"}, "description": r.Retention, "status": string(r.RetentionStatus)},
	}
	for key, v := range map[string]string{"function": r.Function, "interest": r.Interest, "automated": string(r.Automated)} {
		if v != "" {
			o[key] = v
		}
	}
	if r.People > 0 {
		o["people"] = r.People
	}
	for key, t := range map[string]*events.Instant{"firstSeen": r.FirstSeen, "lastSeen": r.LastSeen} {
		if t != nil {
			o[key] = t.String()
		}
	}
	if len(r.Assumed) > 0 {
		o["assumed"] = r.Assumed
	}
	if len(r.Controllers) > 0 {
		o["controller"] = entries(r.Controllers, "dpv:DataController")
	}
	if len(r.Transfers) > 0 {
		o["transfers"] = g.transfers(r)
	}
	return o
}

func (g graph) purpose(r *ropa.Row) object {
	o := object{"type": types("dpv:Purpose", r.DPV), "label": r.Purpose}
	return o
}

func types(first string, more []catalogue.IRI) []string {
	out := []string{first}
	for _, i := range more {
		out = append(out, string(i))
	}
	return out
}

func entries(list []ropa.Entry, class string) []object {
	out := make([]object, len(list))
	for i, e := range list {
		o := object{"type": types(class, e.DPV), "label": e.Name, "side": side(e.Side)}
		if c, ok := roles[e.Kind]; ok && class == "dpv:Recipient" {
			o["type"] = append(types(class, e.DPV), c)
		}
		if e.Special {
			o["special"] = true
			o["type"] = append(types(class, e.DPV), "dpv:SpecialCategoryPersonalData")
		}
		if e.Criminal {
			o["criminal"] = true
		}
		if e.Country != "" {
			o["country"] = string(e.Country)
		}
		if e.People > 0 {
			o["people"] = e.People
		}
		// It has no IRI: what is said of an entry is said of it in this row only.
		o["identifier"] = string(e.ID)
		out[i] = o
	}
	return out
}

var roles = map[catalogue.RecipientKind]string{
	catalogue.KindProcessor: "dpv:DataProcessor", catalogue.KindController: "dpv:DataController", catalogue.KindAuthority: "dpv:Authority",
}

func side(s ropa.Side) string { return "habeas:" + string(s) }

func (g graph) bases(r *ropa.Row) []object {
	out := []object{}
	for _, b := range append(append([]ropa.Ground{}, r.Bases...), r.Conditions...) {
		o := object{"id": basisIRI(b.ID), "label": b.Name, "article": article(b.ID)}
		if up, ok := broader[b.ID]; ok {
			o["broader"] = up
		}
		if len(b.Schedule) > 0 {
			s := make([]string, len(b.Schedule))
			for i, p := range b.Schedule {
				s[i] = paragraph(p)
			}
			o["schedule"] = s
		}
		out = append(out, o)
	}
	return out
}

// broader links our own terms to those of the vocabulary.
var broader = map[events.Code]string{"6.1.ea": "dpv:LegitimateInterest", "10": "dpv:LegalBasis"}

// basisIRI is the term of an article: eu-gdpr:A6-1-f for 6.1.f. The vocabulary
// has none for Article 10 and for what only the United Kingdom has.
func basisIRI(id events.Code) string {
	if _, own := broader[id]; own || strings.HasPrefix(string(id), "10.") {
		return "habeas:A" + strings.ReplaceAll(string(id), ".", "-")
	}
	return "eu-gdpr:A" + strings.ReplaceAll(string(id), ".", "-")
}

var rightTerms = map[events.Code]string{
	"access": "eu-gdpr:A15", "rectification": "eu-gdpr:A16", "erasure": "eu-gdpr:A17", "restriction": "eu-gdpr:A18", "portability": "eu-gdpr:A20",
	"objection": "eu-gdpr:A21", "objection-marketing": "habeas:A21-2", "withdraw-consent": "eu-gdpr:A7-3",
}

func rightIRIs(list []events.Code) []object {
	out := make([]object, 0, len(list))
	for _, r := range list {
		if t := rightTerms[r]; t != "" {
			out = append(out, object{"id": t})
		}
	}
	return out
}

func (g graph) transfers(r *ropa.Row) []object {
	out := make([]object, len(r.Transfers))
	for i, t := range r.Transfers {
		where := string(t.Country)
		if where == "" {
			where = string(t.Region)
		}
		out[i] = object{"type": []string{"dpv:CrossBorderTransfer"}, "label": t.Name, "country": where, "side": side(t.Side), "safeguard": orNone(string(t.Safeguard))}
	}
	return out
}

func orNone(s string) string {
	if s == "" {
		return "none named"
	}
	return s
}

func joinCodes(list []events.Code) string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = string(c)
	}
	return strings.Join(out, ", ")
}
