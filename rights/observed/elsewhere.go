package observed

// elsewhere are the rules that one body cannot show: the history of a person,
// all disclosures together, the retention engine or the clock does. Their names,
// sources and remedies stand here so that there is one table.
var elsewhere = []Rule{
	{ID: "PROCESSED_AFTER_OBJECTION", Title: "data was used after the person objected", Source: gdpr + "Articles 21(1), 21(3)",
		Remedy: "Stop at once, find why the objection did not reach the system, and tell the person."},
	{ID: "PROCESSED_AFTER_WITHDRAWAL", Title: "data was used after consent was withdrawn", Source: gdpr + "Article 7(3)",
		Remedy: "Stop at once, and find why the withdrawal did not reach the system."},
	{ID: "PROCESSED_WHILE_RESTRICTED", Title: "data was used while its use was restricted", Source: gdpr + "Article 18(2)",
		Remedy: "Stop the use until the restriction is lifted."},
	{ID: "CONSENT_ENDED_STILL_STORED", Title: "consent ended and nobody decided what becomes of the data", Source: gdpr + "Articles 5(1)(e), 17(1)(b)", Nature: OfState,
		Remedy: "Erase the data, or record on what other ground it stays."},
	{ID: "REMOVED_DURING_ACCESS", Title: "data was removed while a request for it was open", Source: "Data Protection Act 2018 section 173; " + gdpr + "Article 15",
		Remedy: "Find the copy and the reason; erasing to prevent disclosure is an offence."},
	{ID: "RETENTION_OVERDUE", Title: "the period has ended and the data is still held", Source: gdpr + "Article 5(1)(e)", Nature: OfState,
		Remedy: "Propose the disposal, or place a hold with its reason."},
	{ID: "RETENTION_LENGTHENED", Title: "the notice when it was collected named a shorter time", Source: gdpr + "Articles 5(1)(a), 5(1)(e)", Nature: OfState,
		Remedy: "Decide which period counts for data collected before."},
	{ID: "SHARED_NOT_STORED", Title: "data was shared that no system reported as stored", Source: gdpr + "Articles 5(2), 30(1)", Nature: OfState,
		Remedy: "Let the system that holds the data report it."},
	{ID: "SOURCE_SILENT", Title: "a system has not reported for longer than allowed", Source: gdpr + "Articles 5(2), 24(1)", Nature: OfState,
		Remedy: "Find out why, and let it report from where it stopped."},
}
