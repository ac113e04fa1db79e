package journal

import "errors"

// Callers branch on these. Every error of the package that belongs to one of
// them wraps it and says what to do.
var (
	// ErrStale: the log has grown past the sequence the caller stated. Nothing
	// was saved; read on, look again, retry.
	ErrStale = errors.New("the log has grown since it was read")
	// ErrStopped: writing has stopped for good. The text says whether the
	// caller's records were saved, were not, or whether it is not known.
	ErrStopped = errors.New("journal has stopped writing")
	// ErrFull: the disk is nearly full. Nothing was saved; writing goes on by itself
	// once there is room.
	ErrFull = errors.New("the disk of the journal is nearly full")
	// ErrClosed: the journal was closed. The caller's records were not saved.
	ErrClosed = errors.New("journal is closed")
	// ErrGap: frames are missing between two that are there.
	ErrGap = errors.New("frames are missing from the journal")
	// ErrChain: a frame is damaged or does not continue the one before it.
	ErrChain = errors.New("the chain of frames is broken")
	// ErrShorter: the log ends before a position that it had reached.
	ErrShorter = errors.New("the journal is shorter than it was")
	// ErrOtherJournal: the position belongs to another journal or generation.
	ErrOtherJournal = errors.New("the position belongs to another journal")
	// ErrLocked: another process holds the directory.
	ErrLocked = errors.New("the journal directory is in use by another habeas process")
	// ErrSettings: a stream exists with settings under which the promises of
	// this package would not hold.
	ErrSettings = errors.New("a stream has settings that habeas cannot rely on")
	// ErrForeign: another process has written to a log that has one appender,
	// or a stream of somebody else takes subjects of habeas.
	ErrForeign = errors.New("something else uses the streams of habeas")
	// ErrRefused: an event or a group of records could not be kept or not be read
	// back: too big, or out of form. Nothing was saved.
	ErrRefused = errors.New("cannot be kept in a frame")
)
