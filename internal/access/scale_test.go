package access_test

import (
	"database/sql"
	"testing"
)

// manyTokens is how many tokens must not make a difference.
const manyTokens = 100_000

// fill adds many tokens of many users to the database of the gate.
func (g *gate) fill(t *testing.T) {
	t.Helper()
	db, err := sql.Open("sqlite", g.path)
	must(t, err)
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
		insert into pats (id, user_id, name, name_key, description, scopes, digest, created_at, updated_at, expired_at, revoked_at, last_used_at, last_used_from)
		select printf('%024x', i), printf('user-%d', i / 50), 'many', 'many', '', 'uploads:read', printf('%064x', i), i, i, 0, 0, 0, '' from n`, manyTokens)
	must(t, err)
}

func TestManyTokensChangeNothingForOneThatWasSeen(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	g.fill(t)
	p, _ := g.pat(t, day)
	g.alive(t, p)
	before := g.watch.asked.Load()
	for range 1000 {
		g.alive(t, p)
	}
	if n := g.watch.asked.Load() - before; n != 0 {
		t.Errorf("%d look-ups for 1000 requests after the first", n)
	}
}
