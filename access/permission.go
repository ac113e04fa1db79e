package access

import (
	"fmt"
	"slices"

	"github.com/habeas-data/habeas/events"
)

// A Permission names one thing a caller may do. Every HTTP route and NATS
// subject carries exactly one.
type Permission string

// The permissions. Public is one too: a door is open only where a line of a
// route table says so.
const (
	Public Permission = "public"

	SelfRead       Permission = "self.read"
	EventsWrite    Permission = "events.write"
	SystemsRecheck Permission = "systems.recheck"
	FootprintRead  Permission = "footprint.read"
	HistoryRead    Permission = "history.read"
	IdentityDecide Permission = "identity.decide"
	QuarantineRead Permission = "quarantine.read" // the list: reasons, never contents
	QuarantineOpen Permission = "quarantine.open" // the sealed contents
	QuarantineMend Permission = "quarantine.mend"
	SystemsRead    Permission = "systems.read"
	CatalogueRead  Permission = "catalogue.read"
	CatalogueAdopt Permission = "catalogue.adopt"
	RecipientsRead Permission = "recipients.read" // with the contact, which may be a person's
	RecipientsAdd  Permission = "recipients.add"
	MetricsRead    Permission = "metrics.read"
	TokensManage   Permission = "tokens.manage"
	VaultRead      Permission = "vault.read" // status, never contents
	VaultRotate    Permission = "vault.rotate"
	AuditRead      Permission = "audit.read"
	AuditOpen      Permission = "audit.open" // the sealed reasons
	FsckRun        Permission = "fsck.run"
	RebuildRun     Permission = "rebuild.run"
	BackupRun      Permission = "backup.run"
	RestoreConfirm Permission = "restore.confirm" // a restored server may erase again
	ClockSet       Permission = "clock.set"
	ImpactRead     Permission = "impact.read"    // counts, never names
	ImpactList     Permission = "impact.list"    // the people themselves
	ImpactApprove  Permission = "impact.approve" // somebody else's list

	RopaRead Permission = "ropa.read" // the record of processing: codes and counts

	RetentionRead   Permission = "retention.read" // due lists: references, never names
	HoldsRead       Permission = "holds.read"
	HoldsManage     Permission = "holds.manage"
	DisposalPropose Permission = "disposal.propose"
	DisposalApprove Permission = "disposal.approve"
	DisposalRun     Permission = "disposal.run"

	FindingsRead   Permission = "findings.read"   // codes and counts
	FindingsPeople Permission = "findings.people" // those of single people, by reference
	FindingsDecide Permission = "findings.decide"

	CasesList       Permission = "cases.list" // rights, dates and states, never names
	CasesRead       Permission = "cases.read" // who asks, the plan, the letters
	CasesOpen       Permission = "cases.open" // also what moves its clock
	CasesIdentity   Permission = "cases.identity"
	CasesDecide     Permission = "cases.decide"
	CasesApprove    Permission = "cases.approve" // what somebody else decided
	CasesRun        Permission = "cases.run"
	CasesAnswer     Permission = "cases.answer"
	CasesClose      Permission = "cases.close"
	CasesRefuse     Permission = "cases.refuse"
	TasksRead       Permission = "tasks.read" // targets and states, never names
	TasksAct        Permission = "tasks.act"  // a system's own tasks only
	TasksSettle     Permission = "tasks.settle"
	CertificateRead Permission = "certificate.read" // no personal data stands in one
)

// permissions lists every permission a role may name, in the order shown to
// people, with the sentence shown to them.
var permissions = []struct {
	is   Permission
	does string
}{
	{SelfRead, "see which token one holds and what it may do"},
	{EventsWrite, "send events"},
	{SystemsRecheck, "ask which identifiers of a restored system were erased"},
	{FootprintRead, "look up what is held about a person"},
	{HistoryRead, "look up a person's timeline"},
	{IdentityDecide, "join or separate records of people, with a reason"},
	{QuarantineRead, "list events that could not be understood"},
	{QuarantineOpen, "open the sealed contents of such an event"},
	{QuarantineMend, "mend, replay or discard such an event"},
	{SystemsRead, "see which systems report and when they last did"},
	{CatalogueRead, "read the catalogue"},
	{CatalogueAdopt, "put another version of the catalogue in force"},
	{RecipientsRead, "list the recipients of data, with whom to write to"},
	{RecipientsAdd, "register a recipient by name"},
	{MetricsRead, "read the measurements"},
	{TokensManage, "create, list and revoke tokens"},
	{VaultRead, "see the state of the vault's keys"},
	{VaultRotate, "destroy the vault's old keys"},
	{AuditRead, "read the record of looks and decisions"},
	{AuditOpen, "open the reason given for a look or decision"},
	{FsckRun, "check the stores against each other"},
	{RebuildRun, "rebuild the map from the journal"},
	{BackupRun, "make a backup"},
	{RestoreConfirm, "confirm that a restored server may erase, send out and forget again"},
	{ClockSet, "set the clock of a rehearsal"},
	{ImpactRead, "count the people whom a breach or the end of a recipient touches"},
	{ImpactList, "list those people by name"},
	{ImpactApprove, "approve that somebody else lists people by name"},
	{RopaRead, "read the record of processing activities"},
	{RetentionRead, "list what is due to be erased, by reference"},
	{HoldsRead, "see the holds"},
	{HoldsManage, "place a hold, or lift one"},
	{DisposalPropose, "put together what is to be erased"},
	{DisposalApprove, "approve what somebody else put together"},
	{DisposalRun, "carry out what was approved"},
	{FindingsRead, "see where observed and declared disagree"},
	{FindingsPeople, "see whom such findings are about, by reference"},
	{FindingsDecide, "accept a finding, or say that it is mended"},
	{CasesList, "list the requests of people, by right, date and state"},
	{CasesRead, "read a request: who asks, what is planned, what was answered"},
	{CasesOpen, "record a request and what is asked of the person since"},
	{CasesIdentity, "say that a person is who they say, and which records are theirs"},
	{CasesDecide, "decide what happens with each holding of a request"},
	{CasesApprove, "approve what somebody else decided for a request"},
	{CasesRun, "send the tasks of an approved request to systems and recipients"},
	{CasesAnswer, "make the package and the letter of a request, and send the answer"},
	{CasesClose, "close a request and certify it"},
	{CasesRefuse, "refuse a request, or take longer for it"},
	{TasksRead, "see which system or recipient has what to do, and how far it is"},
	{TasksAct, "take a system's own tasks and report on them"},
	{TasksSettle, "send a task again, report for a target that has no connector, or settle what cannot be proven"},
	{CertificateRead, "read the certificate of a request"},
}

// personal lists the permissions that show or decide about a person's data.
var personal = []Permission{FindingsPeople, FindingsDecide, FootprintRead, HistoryRead, IdentityDecide, QuarantineOpen, QuarantineMend, RecipientsRead, RecipientsAdd, AuditOpen, ImpactList, HoldsManage, DisposalPropose, DisposalApprove, DisposalRun,
	CasesRead, CasesOpen, CasesIdentity, CasesDecide, CasesApprove, CasesRun, CasesAnswer, CasesClose, CasesRefuse, TasksAct, TasksSettle}

// A Role is a set of permissions with a name people know.
type Role string

// The roles. A source system or recipient has the role system:<id>.
const (
	Viewer     Role = "viewer"
	Caseworker Role = "caseworker"
	DPO        Role = "dpo"
	Approver   Role = "approver"
	Engineer   Role = "engineer"
	Auditor    Role = "auditor"
	Admin      Role = "admin"
	Operator   Role = "operator"

	system Role = "system"
)

// grants is the whole of who may do what. A permission absent from a row is
// refused.
//
// The operator token lies in a file that only the account of the server can
// read. That account can read the vault's keys too, so the token opens nothing
// that was closed to it; what it does is recorded like anybody's.
var grants = map[Role][]Permission{
	Viewer:     {SelfRead, RopaRead, FootprintRead, HistoryRead, SystemsRead, CatalogueRead, RetentionRead, HoldsRead, FindingsRead, CasesList, CasesRead, CertificateRead},
	Approver:   {SelfRead, RopaRead, FootprintRead, HistoryRead, SystemsRead, CatalogueRead, RetentionRead, HoldsRead, DisposalApprove, ImpactRead, ImpactApprove, FindingsRead, FindingsPeople, CasesList, CasesRead, CasesApprove, TasksRead, CertificateRead},
	Caseworker: {SelfRead, RopaRead, FootprintRead, HistoryRead, SystemsRead, CatalogueRead, IdentityDecide, QuarantineRead, QuarantineOpen, QuarantineMend, RetentionRead, HoldsRead, HoldsManage, DisposalPropose, ImpactRead, RecipientsRead, FindingsRead, FindingsPeople, CasesList, CasesRead, CasesOpen, CasesIdentity, CasesDecide, CasesRun, CasesAnswer, CasesClose, TasksRead, TasksSettle, CertificateRead},
	DPO:        {SelfRead, RopaRead, FootprintRead, HistoryRead, SystemsRead, CatalogueRead, IdentityDecide, QuarantineRead, QuarantineOpen, QuarantineMend, CatalogueAdopt, RecipientsRead, RecipientsAdd, AuditRead, AuditOpen, RetentionRead, HoldsRead, HoldsManage, DisposalPropose, DisposalApprove, DisposalRun, ImpactRead, ImpactList, ImpactApprove, FindingsRead, FindingsPeople, FindingsDecide, CasesList, CasesRead, CasesOpen, CasesIdentity, CasesDecide, CasesApprove, CasesRun, CasesAnswer, CasesClose, CasesRefuse, TasksRead, TasksSettle, CertificateRead, RestoreConfirm},
	Engineer:   {SelfRead, SystemsRead, CatalogueRead, MetricsRead, QuarantineRead, FindingsRead, TasksRead},
	Auditor:    {SelfRead, RopaRead, SystemsRead, CatalogueRead, AuditRead, RetentionRead, HoldsRead, FindingsRead, CasesList, TasksRead, CertificateRead},
	Admin:      {SelfRead, SystemsRead, CatalogueRead, CatalogueAdopt, MetricsRead, TokensManage, VaultRead, VaultRotate, FsckRun, RebuildRun, BackupRun},
	Operator: {
		SelfRead, EventsWrite, SystemsRecheck, FootprintRead, HistoryRead, IdentityDecide, QuarantineRead, QuarantineOpen, QuarantineMend,
		SystemsRead, CatalogueRead, CatalogueAdopt, RecipientsRead, RecipientsAdd, MetricsRead, TokensManage, VaultRead, VaultRotate, AuditRead, AuditOpen, FsckRun, RebuildRun, BackupRun, ClockSet,
		RopaRead, ImpactRead, ImpactList, ImpactApprove,
		RetentionRead, HoldsRead, HoldsManage, DisposalPropose, DisposalApprove, DisposalRun,
		FindingsRead, FindingsPeople, FindingsDecide,
		CasesList, CasesRead, CasesOpen, CasesIdentity, CasesDecide, CasesApprove, CasesRun, CasesAnswer, CasesClose, CasesRefuse,
		TasksRead, TasksSettle, CertificateRead, RestoreConfirm,
	},
	system: {SelfRead, EventsWrite, SystemsRecheck, TasksAct},
}

// Roles lists the roles a person may hold, in the order shown to people.
func Roles() []Role {
	return []Role{Viewer, Caseworker, DPO, Approver, Engineer, Auditor, Admin, Operator}
}

// SystemRole is the role of one source system or recipient.
func SystemRole(id events.Code) Role { return system + ":" + Role(id) }

// System returns the system of a system:<id> role, and nothing for others.
func (r Role) System() events.Code {
	if len(r) > len(system)+1 && r[:len(system)+1] == system+":" {
		return events.Code(r[len(system)+1:])
	}
	return ""
}

func (r Role) grants() []Permission {
	if r.System() != "" {
		return grants[system]
	}
	if r == system {
		return nil
	}
	return grants[r]
}

// ParseRole reads a role: one of Roles, or system:<id>.
func ParseRole(s string) (Role, error) {
	r := Role(s)
	if slices.Contains(Roles(), r) {
		return r, nil
	}
	if id := r.System(); id != "" {
		c, err := events.ParseCode(string(id))
		if err != nil {
			return "", fmt.Errorf("parse role: system id: %w", err)
		}
		if c == "habeas" || c == events.Undeclared {
			return "", fmt.Errorf("parse role: %s is no system that could send events", c)
		}
		return SystemRole(c), nil
	}
	return "", fmt.Errorf("parse role: want one of %v or system:<id>", Roles())
}

// checkRoles refuses sets of roles that one token must not hold together.
func checkRoles(roles []Role) error {
	if len(roles) == 0 {
		return fmt.Errorf("want at least one role")
	}
	for _, r := range roles {
		if _, err := ParseRole(string(r)); err != nil {
			return err
		}
		if len(roles) > 1 && (r.System() != "" || r == Operator) {
			return fmt.Errorf("role %s stands alone: a token that has it has no other", r)
		}
		if r == Admin && slices.ContainsFunc(roles, Role.personal) {
			return fmt.Errorf("role admin manages access and so sees no person's data: give the other role a token of its own")
		}
	}
	return nil
}

// personal reports whether the role shows or decides about a person's data.
func (r Role) personal() bool {
	return slices.ContainsFunc(r.grants(), func(p Permission) bool { return slices.Contains(personal, p) })
}

// A Caller is who asks, as far as the server has made sure of it. The zero
// Caller may do nothing.
type Caller struct {
	Token events.Code // id of the token, never its secret
	Name  events.Code // the name code given when the token was made
	Roles []Role
}

// IsZero reports whether nobody is known to ask.
func (c Caller) IsZero() bool { return c.Token == "" }

// May reports whether one of the caller's roles names the permission.
func (c Caller) May(p Permission) bool {
	if p == Public {
		return true
	}
	for _, r := range c.Roles {
		if slices.Contains(r.grants(), p) {
			return true
		}
	}
	return false
}

// MaySpeakFor reports whether the caller may send events in the name of a
// system: a system for itself only, the operator for each.
func (c Caller) MaySpeakFor(id events.Code) bool {
	if id == "" || !c.May(EventsWrite) {
		return false
	}
	for _, r := range c.Roles {
		if r == Operator || r.System() == id {
			return true
		}
	}
	return false
}

// MayActAs reports whether the caller may take and report the tasks of a
// system. Nobody may for another, the operator no more than others: a claim
// reveals whom a task is about.
func (c Caller) MayActAs(id events.Code) bool {
	if id == "" || !c.May(TasksAct) {
		return false
	}
	return slices.ContainsFunc(c.Roles, func(r Role) bool { return r.System() == id })
}

// Permissions lists what the caller may do.
func (c Caller) Permissions() []Permission {
	out := []Permission{}
	for _, p := range permissions {
		if c.May(p.is) {
			out = append(out, p.is)
		}
	}
	return out
}

// Known reports whether p is a permission at all.
func (p Permission) Known() bool {
	return p == Public || p.Does() != ""
}

// Does says in words what the permission allows.
func (p Permission) Does() string {
	for _, q := range permissions {
		if q.is == p {
			return q.does
		}
	}
	return ""
}
