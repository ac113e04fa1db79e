// Package retention keeps what due dates are found by: the moments that periods
// may be counted from, and the orders of people about keeping and erasing.
//
// It owns the rows of moments (D) and of orders (O). A moment says that
// something happened on a day around a handle: a milestone was reached, consent
// was withdrawn, a record is of that day. It says nothing of rules: periods,
// joins and roles are looked up when somebody asks, so a changed catalogue needs
// no other rows (I4: no catalogue and no clock in reach). A moment is only where
// to look. Whether a holding is due is decided from everything known of the
// person, so a moment that was taken back does no harm.
//
// Orders are the holds placed and lifted, the disposals proposed and approved,
// and the erasures that were decided on with them.
package retention
