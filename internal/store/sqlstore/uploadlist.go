package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"oasis/internal/data/upload"
)

func (s uploadStore) ListUploads(ctx context.Context, q upload.ListQuery) ([]upload.Upload, int, error) {
	var c conditions
	c.dialect, c.now = s.engine, s.now()
	c.add(`from uploads where `)
	c.visible(q.Visible)
	c.list(q)
	total, err := one(ctx, s.engine.reader(), scanInt, `select count(*) `+c.String(), c.args...)
	if err != nil {
		return nil, 0, fmt.Errorf("count uploads: %w", err)
	}
	if q.Limit <= 0 || int64(q.Offset) >= total {
		return nil, int(total), nil
	}
	c.add(` order by `+uploadOrder(q.OrderBy, q.Desc)+` limit ? offset ?`, q.Limit, q.Offset)
	page, err := list(ctx, s.engine.reader(), s.scanUpload, `select `+uploadColumns+` `+c.String(), c.args...)
	if err != nil {
		return nil, 0, fmt.Errorf("list uploads: %w", err)
	}
	return page, int(total), s.joinMembers(ctx, page)
}

// uploadOrder is the SQL of an order; ties go by create time and id in the same direction.
func uploadOrder(by upload.Order, down bool) string {
	last := `create_time` + desc(down) + `, id` + desc(down)
	switch by {
	case upload.OrderPublishTime:
		return `publish_time` + desc(down) + `, ` + last
	case upload.OrderName:
		return `name` + desc(down) + `, ` + last
	case upload.OrderMessage:
		return `status_message` + desc(down) + `, ` + last
	case upload.OrderStatus:
		return `process_status` + desc(down) + `, ` + last
	default:
		return last
	}
}

// joinMembers reads the members of a page of uploads.
func (s uploadStore) joinMembers(ctx context.Context, page []upload.Upload) error {
	byID := make(map[string]*upload.Upload, len(page))
	ids := make([]string, len(page))
	for i := range page {
		ids[i] = page[i].ID
		byID[page[i].ID] = &page[i]
	}
	err := each(ctx, s.engine.reader(), func(r row) error {
		var m member
		if err := m.scan(r); err != nil {
			return err
		}
		m.join(byID[m.uploadID])
		return nil
	}, `select upload_id, role, member from upload_members where upload_id`+s.engine.in("$1")+` order by upload_id, role, position`, array(ids))
	if err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	return nil
}

// conditions builds what selects uploads.
type conditions struct {
	statement
	dialect dialect
	// now is when embargoes are over.
	now time.Time
}

// in adds a test for membership of a column in a list.
func (c *conditions) in(column string, values []string) {
	c.add(column + c.dialect.in(c.bind(array(values))))
}

// visible translates the object rule; it never re-invents it.
func (c *conditions) visible(f upload.Filter) {
	c.add(`(1 = 0`)
	for _, any := range f.AnyOf {
		c.add(` or (1 = 1`)
		if any.Published != nil {
			c.add(` and publish_time ` + unequal(*any.Published) + ` 0`)
		}
		if any.Embargoed != nil && *any.Embargoed {
			c.add(` and embargo_length > 0 and (embargo_end = 0 or embargo_end > ?)`, micros(c.now))
		} else if any.Embargoed != nil {
			c.add(` and (embargo_length <= 0 or embargo_end <> 0 and embargo_end <= ?)`, micros(c.now))
		}
		if any.MainAuthor != "" {
			c.add(` and main_author = ?`, any.MainAuthor)
		}
		if any.Viewer != nil && (any.Viewer.UserID == "" || !any.Viewer.Admin) {
			c.add(` and id in (`)
			c.memberOf(*any.Viewer, []upload.Role{upload.MainAuthor, upload.Coauthor, upload.Reviewer}, true)
			c.add(`)`)
		}
		c.add(`)`)
	}
	c.add(`)`)
	if f.Uploads != nil {
		c.add(` and `)
		c.in(`id`, f.Uploads)
	}
}

// unequal is the operator that tells whether something is set.
func unequal(set bool) string {
	if set {
		return `<>`
	}
	return `=`
}

// memberOf adds a select of the ids of the uploads in which the viewer has one
// of the roles; everyone adds those that are open to all.
func (c *conditions) memberOf(v upload.Viewer, roles []upload.Role, everyone bool) {
	const members = ` union all select upload_id from upload_members where `
	c.add(`select id from uploads where 1 = 0`)
	if everyone {
		c.add(members+`member = ? and role = ?`, upload.AllGroup, roleReviewerGroup)
	}
	if v.UserID == "" {
		return
	}
	if slices.Contains(roles, upload.MainAuthor) {
		c.add(` union all select id from uploads where main_author = ?`, v.UserID)
	}
	for _, r := range []struct {
		role          upload.Role
		people, group string
	}{{upload.Coauthor, roleCoauthor, roleCoauthorGroup}, {upload.Reviewer, roleReviewer, roleReviewerGroup}} {
		if !slices.Contains(roles, r.role) {
			continue
		}
		c.add(members+`member = ? and role = ?`, v.UserID, r.people)
		if len(v.Groups) > 0 {
			c.add(members)
			c.in(`member`, v.Groups)
			c.add(` and role = ?`, r.group)
		}
	}
}

// list adds what a list is narrowed to (spec uploads.md §6).
func (c *conditions) list(q upload.ListQuery) {
	if len(q.Roles) > 0 {
		c.add(` and id in (`)
		c.memberOf(q.Viewer, q.Roles, q.IncludeAll)
		c.add(`)`)
	}
	if len(q.IDs) > 0 {
		c.add(` and `)
		c.in(`id`, q.IDs)
	}
	if len(q.Names) > 0 {
		c.add(` and (1 = 0`)
		for _, n := range q.Names {
			if n.Fuzzy {
				c.add(` or name_key like ? escape '!'`, contains(strings.ToLower(n.Value)))
			} else {
				c.add(` or name = ?`, n.Value)
			}
		}
		c.add(`)`)
	}
	if q.Busy != nil {
		c.add(` and process_status ` + in(*q.Busy) + ` ('PENDING', 'RUNNING')`)
	}
	if q.Attention != nil {
		c.add(` and ` + unless(*q.Attention) + `(process_status = 'FAILURE' or failed > 0 or warned > 0)`)
	}
	if q.Status != "" {
		c.add(` and process_status = ?`, string(q.Status))
	}
	if q.IsPublished != nil {
		c.add(` and publish_time ` + unequal(*q.IsPublished) + ` 0`)
	}
	if q.IsOwned != nil && *q.IsOwned {
		c.add(` and main_author = ?`, q.Viewer.UserID)
	} else if q.IsOwned != nil {
		c.add(` and main_author <> ?`, q.Viewer.UserID)
	}
}

func unless(yes bool) string {
	if yes {
		return ``
	}
	return `not `
}

func in(yes bool) string {
	if yes {
		return `in`
	}
	return `not in`
}
