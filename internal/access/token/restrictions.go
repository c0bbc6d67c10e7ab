package token

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	"oasis/internal/problem"
)

// Restrictions narrow what a token may do below its scopes. The zero value
// restricts nothing.
type Restrictions struct {
	// Uploads, when not nil, are the only uploads the token may touch.
	Uploads []string
	// AppendOnly tokens may create uploads and add files, and nothing else (decisions 22).
	AppendOnly bool
	// Networks, when not nil, are the only addresses the token may be used from.
	Networks []netip.Prefix
	// DepositFor lets the token create uploads of others; only administrators grant it (decisions 24).
	DepositFor *Deposit
}

// Deposit says for whom a token may create uploads.
type Deposit struct {
	// Default is the user who gets what can be given to nobody else.
	Default string
	// Any allows every user; else Users lists them, as user names, ids or "group:NAME".
	Any   bool
	Users []string
}

// None tells whether nothing is restricted.
func (r *Restrictions) None() bool {
	return r == nil || r.Uploads == nil && !r.AppendOnly && r.Networks == nil && r.DepositFor == nil
}

// AddsOnly tells whether the token may do nothing but create uploads and add
// files: append_only says so, and a token that deposits for others never does more.
func (r *Restrictions) AddsOnly() bool { return r != nil && (r.AppendOnly || r.DepositFor != nil) }

// Deposits gives whom the token deposits for, nil = nobody else than its owner.
func (r *Restrictions) Deposits() *Deposit {
	if r == nil {
		return nil
	}
	return r.DepositFor
}

// Whom says in words who may be named.
func (d *Deposit) Whom() string {
	if d.Any {
		return "any user"
	}
	return strings.Join(d.Users, ", ")
}

// GroupPrefix marks a group among the users of a Deposit.
const GroupPrefix = "group:"

// mostItems bounds each list: enough for any honest use.
const mostItems = 1000

// maxID bounds the ids and names in lists.
const maxID = 200

// ParseRestrictions reads the JSON form; null and {} restrict nothing and give
// nil. What it does not know it refuses (decisions 23), as a 422 that names the
// key below loc: a restriction that is not understood must not be dropped.
func ParseRestrictions(text []byte, loc ...any) (*Restrictions, error) {
	p := &reader{loc: loc}
	r := &Restrictions{}
	p.object(text, nil, map[string]func(json.RawMessage, []any){
		"uploads":     func(v json.RawMessage, at []any) { r.Uploads = p.list(v, at) },
		"append_only": func(v json.RawMessage, at []any) { p.value(v, &r.AppendOnly, "bool_type", "Write true or false", at) },
		"networks":    func(v json.RawMessage, at []any) { r.Networks = p.networks(v, at) },
		"deposit_for": func(v json.RawMessage, at []any) { r.DepositFor = p.deposit(v, at) },
	})
	if r.DepositFor != nil && r.Uploads != nil {
		p.complain("value_error", "A token that deposits makes new uploads: leave uploads out", []any{"deposit_for"})
	}
	if p.wrong != nil {
		return nil, problem.InvalidAll(p.wrong)
	}
	if r.None() {
		return nil, nil //nolint:nilnil // no restriction is not an error
	}
	return r, nil
}

// reader collects what is wrong in a document.
type reader struct {
	loc   []any
	wrong []problem.Field
}

func (p *reader) complain(typ, msg string, at []any) {
	p.wrong = append(p.wrong, problem.Field{Loc: slices.Concat(p.loc, at), Type: typ, Msg: msg})
}

// object hands the members to their readers, in the order of their names.
func (p *reader) object(text []byte, at []any, known map[string]func(json.RawMessage, []any)) {
	if isNull(text) {
		return
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		p.complain("dict_type", "Write an object", at)
		return
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		here := append(slices.Clone(at), name)
		if read, ok := known[name]; !ok {
			p.complain("extra_forbidden", "There is no restriction "+name+"; there are "+listed(known), here)
		} else if !isNull(members[name]) {
			read(members[name], here)
		}
	}
}

func listed[T any](known map[string]T) string {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func isNull(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) == 0 || string(text) == "null"
}

func (p *reader) value(text json.RawMessage, into any, typ, msg string, at []any) {
	if json.Unmarshal(text, into) != nil {
		p.complain(typ, msg, at)
	}
}

// list reads texts, without doubles. An empty list would be a token for nothing.
func (p *reader) list(text json.RawMessage, at []any) []string {
	var items []json.RawMessage
	if json.Unmarshal(text, &items) != nil {
		p.complain("list_type", "Write a list of texts", at)
		return nil
	}
	if len(items) == 0 || len(items) > mostItems {
		p.complain("value_error", "Write 1 to 1000 items, or leave the restriction out", at)
		return nil
	}
	out := make([]string, 0, len(items))
	for i, item := range items {
		var s string
		if json.Unmarshal(item, &s) != nil || strings.TrimSpace(s) == "" || len(s) > maxID || isNull(item) {
			p.complain("string_type", "Write a text of 1 to 200 bytes", append(slices.Clone(at), i))
		} else if s = strings.TrimSpace(s); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (p *reader) networks(text json.RawMessage, at []any) []netip.Prefix {
	before := len(p.wrong)
	texts := p.list(text, at)
	if len(p.wrong) > before {
		return nil
	}
	var out []netip.Prefix
	for i, s := range texts {
		network, ok := parseNetwork(s)
		if !ok {
			p.complain("value_error", "Write an address or a network such as 192.0.2.0/24 or 2001:db8::/32", append(slices.Clone(at), i))
		} else if !slices.Contains(out, network) {
			out = append(out, network)
		}
	}
	return out
}

// parseNetwork reads a network or one address. IPv4 written inside IPv6 becomes
// IPv4, the form in which addresses of clients are compared.
func parseNetwork(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	n, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	if n.Addr().Is4In6() {
		const mapped = 96
		if n.Bits() < mapped {
			return netip.Prefix{}, false
		}
		n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-mapped)
	}
	return n.Masked(), true
}

func (p *reader) deposit(text json.RawMessage, at []any) *Deposit {
	d := &Deposit{}
	var users bool
	p.object(text, at, map[string]func(json.RawMessage, []any){
		"default": func(v json.RawMessage, at []any) { p.value(v, &d.Default, "string_type", "Write a user", at) },
		"users": func(v json.RawMessage, at []any) {
			users = true
			var word string
			if json.Unmarshal(v, &word) == nil {
				if d.Any = word == "any"; !d.Any {
					p.complain("literal_error", `Write "any" or a list of users and group:NAME`, at)
				}
				return
			}
			d.Users = p.list(v, at)
		},
	})
	if strings.TrimSpace(d.Default) == "" || len(d.Default) > maxID {
		p.complain("missing", "Name the user who gets what can be given to nobody else", append(slices.Clone(at), "default"))
	}
	if !users {
		p.complain("missing", `Write "any" or a list of users and group:NAME`, append(slices.Clone(at), "users"))
	}
	return d
}

// restrictionsJSON is the form in answers and in the store.
type restrictionsJSON struct {
	Uploads    []string     `json:"uploads,omitempty"`
	AppendOnly bool         `json:"append_only,omitempty"`
	Networks   []string     `json:"networks,omitempty"`
	DepositFor *depositJSON `json:"deposit_for,omitempty"`
}

type depositJSON struct {
	Default string `json:"default"`
	Users   any    `json:"users"`
}

// MarshalJSON writes the form that ParseRestrictions reads; members that do not
// restrict are left out.
func (r Restrictions) MarshalJSON() ([]byte, error) {
	j := restrictionsJSON{Uploads: r.Uploads, AppendOnly: r.AppendOnly}
	for _, n := range r.Networks {
		j.Networks = append(j.Networks, n.String())
	}
	if d := r.DepositFor; d != nil {
		j.DepositFor = &depositJSON{Default: d.Default, Users: d.Users}
		if d.Any {
			j.DepositFor.Users = "any"
		}
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads the form that ParseRestrictions reads.
func (r *Restrictions) UnmarshalJSON(text []byte) error {
	parsed, err := ParseRestrictions(text)
	if err != nil {
		return err
	}
	if *r = (Restrictions{}); parsed != nil {
		*r = *parsed
	}
	return nil
}

// AllowsFrom tells whether the token may be used from an address; one that could
// not be told is in no network.
func (r *Restrictions) AllowsFrom(a netip.Addr) bool {
	if r == nil || r.Networks == nil {
		return true
	}
	for i := range r.Networks {
		if r.Networks[i].Contains(a) {
			return true
		}
	}
	return false
}

// AllowsUpload tells whether the token may touch an upload.
func (r *Restrictions) AllowsUpload(id string) bool {
	return r == nil || r.Uploads == nil || slices.Contains(r.Uploads, id)
}
