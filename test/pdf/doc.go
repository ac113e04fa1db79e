// Package pdf judges the PDFs that habeas writes with programs of others: what
// poppler reads in them is what a screen reader would. It owns no PDF and no
// writer; without poppler its tests are skipped, and ./test.sh names that.
package pdf
