package sqlstore

import (
	"context"
	"strings"
	"time"

	"oasis/internal/access/audit"
)

// auditStore keeps the audit log. Rows of changes are written by the transactions
// of those changes, see run.
type auditStore struct{ *DB }

const auditColumns = `time, actor, actor_name, actor_key, credential, credential_kind, operation, object, outcome, status, step, detail, address, request, count`

const insertAudit = `insert into audit (` + auditColumns + `, fold)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
	on conflict (fold) where fold <> '' do update set count = audit.count + excluded.count`

func auditArgs(e *audit.Event, fold string) []any {
	return []any{
		micros(e.Time), e.Actor, e.ActorName, strings.ToLower(e.ActorName), e.CredentialID, e.CredentialKind, e.Operation, e.Object,
		string(e.Outcome), e.Status, e.Step, e.Detail, e.Address, e.RequestID, e.Count, fold,
	}
}

// writeNotes adds the events of the context that no other transaction has stored.
func (t *tx) writeNotes(ctx context.Context, notes []*audit.Noted) error {
	if len(notes) == 0 || t.unchanged {
		return nil
	}
	rows := make([][]any, 0, len(notes))
	for _, n := range notes {
		e := n.Event
		if e.Time.IsZero() {
			e.Time = t.db.now()
		}
		rows = append(rows, auditArgs(&e, ""))
	}
	return execEach(ctx, t.querier, insertAudit, rows)
}

func (s auditStore) AppendAudit(ctx context.Context, folded []audit.Folded) error {
	rows := make([][]any, 0, len(folded))
	for i := range folded {
		rows = append(rows, auditArgs(&folded[i].Event, folded[i].Fold))
	}
	return s.write(ctx, func(t *tx) error { return execEach(ctx, t.querier, insertAudit, rows) })
}

func (s auditStore) ListAudit(ctx context.Context, f audit.Filter, limit int) ([]audit.Event, error) {
	var q statement
	q.add(`select id, ` + auditColumns + ` from audit where 1 = 1`)
	if f.Who != "" {
		q.add(` and (actor = ? or actor_key = ?)`, f.Who, strings.ToLower(f.Who))
	}
	for _, exact := range []struct{ column, value string }{
		{"credential", f.Credential}, {"credential_kind", f.Kind}, {"address", f.Address}, {"outcome", string(f.Outcome)},
	} {
		if exact.value != "" {
			q.add(` and `+exact.column+` = ?`, exact.value)
		}
	}
	q.matching("operation", f.Operation)
	q.matching("object", f.Object)
	if !f.From.IsZero() {
		q.add(` and time >= ?`, micros(f.From))
	}
	if !f.To.IsZero() {
		q.add(` and time < ?`, micros(f.To))
	}
	if f.Before != (audit.Place{}) {
		q.add(` and (time, id) < (?, ?)`, micros(f.Before.Time), f.Before.ID)
	}
	q.add(` order by time desc, id desc limit ?`, limit)
	return list(ctx, s.engine.reader(), scanAudit, q.String(), q.args...)
}

// matching adds a condition for a value, or for all that begin with what stands
// before a star. Text compares by bytes, so a beginning is a range.
func (s *statement) matching(column, pattern string) {
	beginning, star := strings.CutSuffix(pattern, "*")
	switch {
	case !star && pattern != "":
		s.add(` and `+column+` = ?`, pattern)
	case beginning != "":
		s.add(` and `+column+` >= ? and `+column+` < ?`, beginning, beginning+"\U0010ffff")
	}
}

func scanAudit(r row) (e audit.Event, err error) {
	var key, outcome string
	err = r.Scan(&e.ID, stamp{&e.Time}, &e.Actor, &e.ActorName, &key, &e.CredentialID, &e.CredentialKind, &e.Operation, &e.Object,
		&outcome, &e.Status, &e.Step, &e.Detail, &e.Address, &e.RequestID, &e.Count)
	e.Outcome = audit.Outcome(outcome)
	return e, err
}

// pruneBatch is how many rows one transaction deletes; others may write in between.
const pruneBatch = 5000

func (s auditStore) PruneAudit(ctx context.Context, before time.Time) (int, error) {
	total := 0
	for {
		var n int64
		err := s.write(ctx, func(t *tx) (err error) {
			if _, err := t.ExecContext(ctx, `update audit_pruning set before = $1`, micros(before)); err != nil {
				return err
			}
			n, err = affected(t.ExecContext(ctx,
				`delete from audit where id in (select id from audit where time < $1 order by time, id limit $2)`, micros(before), pruneBatch))
			if err != nil {
				return err
			}
			_, err = t.ExecContext(ctx, `update audit_pruning set before = 0`)
			return err
		})
		total += int(n)
		if err != nil || n < pruneBatch {
			return total, err
		}
	}
}
