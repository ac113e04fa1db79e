package server

import (
	"context"
	"errors"
	"io"

	"github.com/habeas-data/habeas/connectors/transmit"
	"github.com/habeas-data/habeas/events"
	"github.com/habeas-data/habeas/rights/desk"
)

// deskSender transmits copies for portability to the contacts on record, and says
// in the desk's words why one did not leave or was not taken.
type deskSender struct{ s *transmit.Sender }

func (d deskSender) Send(ctx context.Context, recipient events.Code, name string, fill func(io.Writer) error) error {
	err := d.s.Send(ctx, recipient, name, fill)
	for of, text := range map[error]string{
		transmit.ErrNoContact: "no https address is on record for this recipient; register one as its contact",
		transmit.ErrPrivate:   "the address on record leads into a private network; nothing was sent",
		transmit.ErrRefused:   "the other end did not take it; ask them, and send it again",
	} {
		if errors.Is(err, of) {
			return errors.Join(&desk.Fault{Part: "recipient", Text: text}, err)
		}
	}
	return err
}

func (s *Server) sender() deskSender {
	return deskSender{transmit.New(transmit.Config{Contact: s.contactOf})}
}

// contactOf is the contact of a registered recipient; empty where there is none. It
// is sealed in the vault and held in memory by whoever knows recipients by name.
func (s *Server) contactOf(_ context.Context, recipient events.Code) (string, error) {
	s.shelf.mu.Lock()
	defer s.shelf.mu.Unlock()
	n, ok := s.shelf.named[recipient]
	if !ok {
		return "", nil
	}
	return n.Contact.Expose(), nil
}
