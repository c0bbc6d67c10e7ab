package sqlstore

import (
	"strings"
	"testing"
	"time"

	"oasis/internal/access/audit"
)

func TestAuditRowsCannotBeChangedOrDeleted(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		db := mustOpen(t, c)
		defer mustClose(t, db)
		row := audit.Folded{Event: audit.Event{Time: time.UnixMicro(1000), Operation: "x", Outcome: audit.Denied, Count: 5}, Fold: "k"}
		if err := db.Audit().AppendAudit(t.Context(), []audit.Folded{row}); err != nil {
			t.Fatal(err)
		}
		statements := []string{
			`update audit set actor = 'eve'`, `update audit set time = 0`, `update audit set outcome = 'allowed', count = 9`,
			`update audit set count = 4`, `update audit set fold = ''`, `delete from audit`, `delete from audit where id = 1`,
		}
		if c.URL != "" {
			statements = append(statements, `truncate audit`)
		} else {
			statements = append(statements, `insert or replace into audit select id, 0, actor, actor_name, actor_key, credential, credential_kind,
				operation, object, outcome, status, step, detail, address, request, count, 'other' from audit`)
		}
		for _, s := range statements {
			if _, err := db.exec(t.Context(), s); err == nil || !strings.Contains(err.Error(), "cannot be changed or deleted") {
				t.Errorf("%s: %v", s, err)
			}
		}
		rows, err := db.Audit().ListAudit(t.Context(), audit.Filter{}, 10)
		if err != nil || len(rows) != 1 || rows[0].Count != 5 || rows[0].Time.UnixMicro() != 1000 {
			t.Errorf("rows are %+v, %v", rows, err)
		}
	})
}

func TestAuditPruningGoesOnBeyondOneBatch(t *testing.T) {
	t.Parallel()
	db := mustOpen(t, Config{Path: t.TempDir() + "/a.db"})
	defer mustClose(t, db)
	rows := make([]audit.Folded, pruneBatch+7)
	for i := range rows {
		rows[i].Event = audit.Event{Time: time.UnixMicro(int64(i + 1)), Count: 1}
	}
	if err := db.Audit().AppendAudit(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Audit().PruneAudit(t.Context(), time.UnixMicro(pruneBatch+5)); n != pruneBatch+4 || err != nil {
		t.Errorf("pruned %d, %v", n, err)
	}
}
