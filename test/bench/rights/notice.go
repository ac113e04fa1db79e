package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// notice is that of a firm with many systems: a row of each kind that requests
// treat differently.
const notice = `catalogue: bench
title: Notice of a firm with many systems
version: "2024-01-01"
organisation: {name: A Firm Ltd, jurisdiction: gb, role: controller}
systems:
%ssubject_types:
  - {id: customer, name: Customer}
categories:
  - {id: contact, name: Contact details, items: [name, email]}
  - {id: orders, name: Orders, items: [goods]}
  - {id: payments, name: Payments, items: [amount]}
milestones:
  - {id: contract_ended, scope: person, name: Contract ended, when: the contract ends}
activities:
  - id: serve
    purpose: Do what the contract says
    subject_types: [customer]
    data_categories: [contact, orders]
    lawful_basis: ["6.1.b"]
    retention: {trigger: contract_ended, period: P2Y}
  - id: news
    purpose: Send the newsletter
    subject_types: [customer]
    data_categories: [contact]
    lawful_basis: ["6.1.a"]
    direct_marketing: true
    channels: [email, sms]
    retention: {trigger: record_date, period: P3Y}
  - id: club
    purpose: Run the club
    subject_types: [customer]
    data_categories: [contact, orders]
    lawful_basis: ["6.1.a"]
    retention: {trigger: record_date, period: P3Y}
  - id: books
    purpose: Keep the books
    subject_types: [customer]
    data_categories: [payments]
    lawful_basis: ["6.1.c"]
    legal_duties: [{law: tax_act, categories: [payments], trigger: record_date, period: P6Y}]
    retention: {trigger: record_date, period: P6Y}
`

func system(i int) string { return fmt.Sprintf("system%02d", i) }

// writeNotice writes it with so many systems, and returns where.
func writeNotice(dir string, systems int) (string, error) {
	var rows strings.Builder
	for i := range systems {
		fmt.Fprintf(&rows, "  - {id: %[1]s, name: System %[2]d, primary: %[1]s.customer, joins: [email], silent_after: P9Y}\n", system(i), i)
	}
	file := filepath.Join(dir, "notice.yaml")
	return file, os.WriteFile(file, []byte(fmt.Sprintf(notice, rows.String())), 0o600)
}
