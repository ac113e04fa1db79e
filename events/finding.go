package events

// The outcomes of a decision about a finding: what finding.decided says in Why.
const (
	FindingAccepted Code = "accepted" // known, and left so until the day of review
	FindingResolved Code = "resolved" // mended; seen again it is open again
	FindingReopened Code = "reopened" // an earlier word is taken back
)
