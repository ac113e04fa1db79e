package lives

import "github.com/habeas-data/habeas/rights/desk"

// show logs how every case stands; it is for whoever looks into a failing life.
func (s *stage) show() {
	for _, q := range s.m.requests {
		if v, err := s.w.Desk.ShowCase(s.ctx, kim, q.id); err == nil {
			for _, e := range v.Timeline {
				s.Logf("%s %s: %s", e.On, e.Act, e.Text)
			}
			s.Logf("case %d is %s", v.Number, v.Status)
		}
		if p, err := s.w.Desk.PlanCase(s.ctx, kim, q.id, 0); err == nil {
			for _, i := range p.Items {
				s.Logf("%s of %s/%s in %s: %s %s by %s, because %v, detached %v, blocked %v, decided by %v", i.Right, i.Activity, i.Category, i.System, i.Outcome, i.Code, i.ProposedBy, i.Because, i.Detached, i.BlockedBy, i.DecidedBy != nil)
			}
		}
		list, err := s.w.Desk.ListTasks(s.ctx, desk.TaskQuery{Caller: kim, Case: q.id})
		if err != nil {
			s.Fatal(err)
		}
		for _, t := range list.Tasks {
			s.Logf("%s is to %s: %s %s", t.System, t.Verb, t.State, t.Detail)
		}
	}
}
