package edit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"oasis/internal/access/identity"
	"oasis/internal/data/metainfo"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Sentences that clients know (spec uploads.md §9).
const (
	textNoKey      = "Must specify `entries_key` when specifying `entries`"
	textNothing    = "No fields to update specified"
	textUnknown    = "Unknown quantity"
	textAdmin      = "Admin rights required"
	textUploadOnly = "Quantity can only be edited on the upload level"
	textNoEntries  = "No matching entries found"
	textString     = "Expected a string value"
	textMonths     = "Value should be between 0 and 36"
	textLink       = "Please enter a valid URL ..."
	textOnlyAdd    = "Only `add` and `remove` operations permitted for datasets"
	textBothSet    = "Cannot specify both `set` and `add`/`remove` operations"
	textBothAdd    = "The same value cannot be specified for both `add` and `remove` "
	textNoOp       = "No operation specified"
	textMany       = "At most %d values are possible"
)

// plan is a request whose every value is known to be possible.
type plan struct {
	upload []change
	all    []change
	// each holds changes of single entries by their key; they count more than those of all.
	each map[string][]change
	keys []string // of each, as they were sent
}

// checker turns what was sent into changes and collects all that is wrong.
type checker struct {
	people People
	groups Groups
	admin  bool
	wrong  []problem.Field
	users  map[string]string // by reference; "" = nobody
}

func (c *checker) refuse(place []any, format string, args ...any) {
	c.wrong = append(c.wrong, problem.Field{Loc: place, Type: "value_error", Msg: fmt.Sprintf(format, args...)})
}

// check reads all values of a request. The error is ours; what is wrong with the
// request is in c.wrong.
func (c *checker) check(ctx context.Context, r *Request) (*plan, error) {
	if len(r.entries) > 0 && r.noKeys {
		c.refuse([]any{"entries_key"}, textNoKey)
	}
	mentioned := 0
	p := &plan{each: map[string][]change{}}
	var err error
	r.fields(func(place []any, m member) {
		mentioned++
		if err != nil {
			return
		}
		var one *change
		if one, err = c.field(ctx, r, place, m); err != nil || one == nil {
			return
		}
		switch {
		case place[0] == "entries":
			key, _ := place[1].(string)
			p.each[key] = append(p.each[key], *one)
		case one.field.ofEntry:
			p.all = append(p.all, *one)
		default:
			p.upload = append(p.upload, *one)
		}
	})
	if err != nil {
		return nil, err
	}
	if mentioned == 0 {
		c.refuse([]any{"metadata"}, textNothing)
	}
	for _, k := range r.entries {
		if len(p.each[k.key]) > 0 {
			p.keys = append(p.keys, k.key)
		}
	}
	return p, nil
}

// field checks one value; nil = it was refused.
func (c *checker) field(ctx context.Context, r *Request, place []any, m member) (*change, error) {
	f := fieldOf(m.key)
	switch {
	case f == nil:
		c.refuse(place, textUnknown)
		return nil, nil
	case f.admin && !c.admin:
		c.refuse(place, textAdmin)
		return nil, nil
	case !f.ofEntry && (place[0] == "entries" || r.query != nil):
		c.refuse(place, textUploadOnly)
		return nil, nil
	}
	one := &change{field: f, place: place}
	before := len(c.wrong)
	var err error
	if f.list {
		one.list, err = c.list(ctx, one, m.value)
	} else {
		err = c.scalar(ctx, one, m.value)
	}
	if err != nil || len(c.wrong) > before {
		return nil, err
	}
	return one, nil
}

func (c *checker) scalar(ctx context.Context, one *change, value json.RawMessage) (err error) {
	f := one.field
	if f.kind == kindMonths {
		c.months(one, value)
		return nil
	}
	text, ok := textOf(value)
	switch {
	case !ok:
		c.refuse(one.place, textString)
	case text == "" && f.must:
		c.refuse(one.place, "This cannot be cleared")
	case text == "":
	case f.kind == kindTime:
		t, ok := metainfo.ParseTime(text)
		if !ok {
			c.refuse(one.place, "Invalid isoformat string: '%s'", text)
		}
		one.micros = t.UnixMicro()
	default:
		one.text, err = c.value(ctx, one, text)
	}
	return err
}

func (c *checker) months(one *change, value json.RawMessage) {
	if string(value) == `""` {
		return
	}
	if json.Unmarshal(value, &one.number) != nil {
		c.refuse(one.place, "Expected an integer value")
		return
	}
	if one.number < 0 || one.number > upload.MaxEmbargo {
		c.refuse(one.place, textMonths)
	}
}

// list reads a list, or the operations on one.
func (c *checker) list(ctx context.Context, one *change, value json.RawMessage) (*operations, error) {
	ops := []member{{"set", value}} // a value or a list of them
	if one.field.kind == kindDataset {
		ops[0].key = "add"
	}
	if members, err := membersOf(value); err == nil {
		ops = members
	}
	given := map[string]bool{}
	o := &operations{}
	for _, op := range ops {
		if null(op.value) {
			continue
		}
		given[op.key] = true
		var err error
		switch op.key {
		case "set", "add":
			o.set = o.set || op.key == "set"
			o.add, err = c.values(ctx, one, op.value)
		case "remove":
			o.remove, err = c.values(ctx, one, op.value)
		default:
			c.refuse(one.place, "Allowed operations are `set`, `add`, and `remove`, got %s", op.key)
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case len(given) == 0:
		c.refuse(one.place, textNoOp)
	case one.field.kind == kindDataset && given["set"]:
		c.refuse(one.place, textOnlyAdd)
	case given["set"] && (given["add"] || given["remove"]):
		c.refuse(one.place, textBothSet)
	case slices.ContainsFunc(o.add, func(v string) bool { return slices.Contains(o.remove, v) }):
		c.refuse(one.place, textBothAdd)
	case len(o.add) > one.field.most || len(o.remove) > one.field.most:
		c.refuse(one.place, textMany, one.field.most)
	}
	return o, nil
}

// values reads one value or a list of them; "" is an empty list.
func (c *checker) values(ctx context.Context, one *change, value json.RawMessage) ([]string, error) {
	var texts []string
	if json.Unmarshal(value, &texts) != nil {
		text, ok := textOf(value)
		switch {
		case !ok:
			c.refuse(one.place, textString)
			return nil, nil
		case text == "":
			return nil, nil
		}
		texts = []string{text}
	}
	if len(texts) > one.field.most {
		c.refuse(one.place, textMany, one.field.most)
		return nil, nil
	}
	values := make([]string, 0, len(texts))
	for _, text := range texts {
		v, err := c.value(ctx, one, text)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// textOf reads a JSON text.
func textOf(value json.RawMessage) (text string, ok bool) {
	err := json.Unmarshal(value, &text)
	return text, err == nil
}

// value checks one text and gives what is stored for it.
func (c *checker) value(ctx context.Context, one *change, text string) (string, error) {
	f := one.field
	switch {
	case strings.ContainsRune(text, 0):
		c.refuse(one.place, "A text must not hold the NUL character")
	case f.kind == kindUser:
		return c.user(ctx, one, text)
	case f.kind == kindGroup:
		return text, c.group(ctx, one, text)
	case f.kind == kindDatabase && !slices.Contains(databases(), text):
		c.refuse(one.place, "Bad enum value %s", text)
	case f.kind == kindLink && !isLink(text):
		c.refuse(one.place, textLink)
	case f.kind == kindDataset: // there are none yet, so that none can be meant
		c.refuse(one.place, "Dataset reference not found: `%s`", text)
	case f.kind == kindText && utf8.RuneCountInString(text) > f.most:
		c.refuse(one.place, "The text should have at most %d characters", f.most)
	}
	return text, nil
}

// isLink takes addresses that a browser opens without running anything.
func isLink(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || len(text) > mostLink || strings.ContainsAny(text, " \t\r\n") {
		return false
	}
	return slices.Contains([]string{"http", "https", "ftp", "ftps"}, strings.ToLower(u.Scheme))
}

// user finds somebody by id, user name or e-mail, in this order.
func (c *checker) user(ctx context.Context, one *change, ref string) (string, error) {
	id, known := c.users[ref]
	if !known && ref != "" {
		found, err := c.people.Find(ctx, identity.Search{IDs: []string{ref}, Usernames: []string{ref}, Emails: []string{ref}, Limit: 3})
		if err != nil {
			return "", fmt.Errorf("look for user: %w", err)
		}
		if len(found) > 0 {
			id = found[0].ID
		}
		c.users[ref] = id
	}
	if id == "" {
		c.refuse(one.place, "User reference not found: `%s`", ref)
	}
	return id, nil
}

func (c *checker) group(ctx context.Context, one *change, id string) error {
	if id == upload.AllGroup {
		if one.field.name == fieldCoauthorGroups {
			c.refuse(one.place, "Special group '%s' is invalid for field %s.", id, one.field.name)
		}
		return nil
	}
	missing, err := c.groups.Missing(ctx, []string{id})
	if err != nil {
		return fmt.Errorf("look for group: %w", err)
	}
	if len(missing) > 0 {
		c.refuse(one.place, "User group '%s' does not exist.", id)
	}
	return nil
}
