// Package group holds the groups of people: who is in one, who may change it, and
// the use cases around them.
//
// A group can be co-author or reviewer of uploads, stand in the allow list as
// group:NAME, and have other groups in it: whoever is in one of those is in the
// outer group too. Members and subgroups are what is stored; who is in a group
// through others is worked out from them, never kept.
package group

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Role is what a member may do with the group itself; uploads give the same rights to
// all members (spec datasets-groups.md §3.1).
type Role string

// The roles.
const (
	Plain      Role = "member"
	Maintainer Role = "maintainer"
	Owner      Role = "owner"
)

// Member is one person in a group.
type Member struct {
	UserID string
	Role   Role
}

// Group is a named list of people.
type Group struct {
	// ID is 22 characters like that of an upload (spec datasets-groups.md §1).
	ID string
	// Name is unique without regard to case; without another it is the id.
	Name        string
	Description string
	Created     time.Time
	// Members in the order they were given, one of them the owner. Only a group whose owner's
	// account was removed has none, see Store.
	Members []Member
	// Subgroups are the ids of the groups directly in this one (decisions 26).
	Subgroups []string
}

// Owner gives the id of the owner, "" when there is none.
func (g *Group) Owner() string {
	for _, m := range g.Members {
		if m.Role == Owner {
			return m.UserID
		}
	}
	return ""
}

// RoleOf tells which role somebody has as a direct member.
func (g *Group) RoleOf(userID string) (role Role, member bool) {
	for _, m := range g.Members {
		if m.UserID == userID {
			return m.Role, true
		}
	}
	return "", false
}

// clone gives a copy that shares nothing with g.
func (g *Group) clone() Group {
	c := *g
	c.Members, c.Subgroups = slices.Clone(g.Members), slices.Clone(g.Subgroups)
	return c
}

// Bounds of what a group may hold.
const (
	maxName        = 200
	maxDescription = 5000
	maxMembers     = 10_000
	maxSubgroups   = 1000
)

// tidy is a name as it is kept: composed, and with single blanks between words.
func tidy(name string) string { return norm.NFC.String(strings.Join(strings.Fields(name), " ")) }

// Key is what names are compared by: in lower case, as the allow list does it.
func Key(name string) string { return strings.ToLower(name) }

// looksLikeID tells whether a name could be taken for the id of a group: the allow list
// takes both. Case does not count, because it does not count there.
func looksLikeID(name string) bool {
	if len(name) != idLength {
		return false
	}
	for _, c := range []byte(name) {
		if c != '-' && c != '_' && (c < '0' || '9' < c) && (c < 'A' || 'Z' < c) && (c < 'a' || 'z' < c) {
			return false
		}
	}
	return strings.IndexByte("AQGWaqgw", name[idLength-1]) >= 0 // the last character holds two bits
}

const idLength = 22

// newID makes an id: a random UUID in URL-safe base64 without padding.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand aborts the program instead)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return base64.RawURLEncoding.EncodeToString(b[:])
}
