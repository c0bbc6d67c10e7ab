package edit

import (
	"slices"
	"strings"
)

// kind is what the values of a field are.
type kind uint8

const (
	kindText kind = iota
	kindMonths
	kindTime
	kindUser
	kindGroup
	kindDatabase
	kindLink
	kindDataset
)

// field is a quantity that can be edited.
type field struct {
	name string
	kind kind
	list bool
	// ofEntry fields are said of entries, the others of the upload.
	ofEntry bool
	// admin fields are for administrators.
	admin bool
	// must tells that there has to be a value.
	must bool
	// most is the longest text, in characters, or the longest list.
	most int
	// owned fields of a published upload can be reserved to its main author, see Service.Reserved.
	owned bool
}

// The names of fields that are treated by name.
const (
	fieldName           = "upload_name"
	fieldDescription    = "description"
	fieldExternalDB     = "external_db"
	fieldEmbargo        = "embargo_length"
	fieldCoauthors      = "coauthors"
	fieldReviewers      = "reviewers"
	fieldCoauthorGroups = "coauthor_groups"
	fieldReviewerGroups = "reviewer_groups"
	fieldMainAuthor     = "main_author"
	fieldCreateTime     = "upload_create_time"
	fieldPublishTime    = "publish_time"
	fieldLicense        = "license"
	fieldComment        = "comment"
	fieldExternalID     = "external_id"
	fieldReferences     = "references"
	fieldEntryTime      = "entry_create_time"
	fieldDatasets       = "datasets"
)

// Bounds on what is kept of one field. They are far above what people write, and
// keep one edit from filling the memory of everybody's searches.
const (
	mostName    = 500
	mostText    = 50_000
	mostMembers = 1000
	mostLinks   = 200
	mostLink    = 2000
)

// fieldOf gives the field of a name (the table of spec uploads.md §9), nil for none.
func fieldOf(name string) *field {
	table := [...]field{
		{name: fieldName, most: mostName, owned: true},
		{name: fieldDescription, most: mostText, owned: true},
		{name: fieldExternalDB, kind: kindDatabase},
		{name: fieldEmbargo, kind: kindMonths},
		{name: fieldCoauthors, kind: kindUser, list: true, most: mostMembers, owned: true},
		{name: fieldReviewers, kind: kindUser, list: true, most: mostMembers},
		{name: fieldCoauthorGroups, kind: kindGroup, list: true, most: mostMembers, owned: true},
		{name: fieldReviewerGroups, kind: kindGroup, list: true, most: mostMembers},
		{name: fieldMainAuthor, kind: kindUser, admin: true, must: true},
		{name: fieldCreateTime, kind: kindTime, admin: true, must: true},
		{name: fieldPublishTime, kind: kindTime, admin: true, must: true},
		{name: fieldLicense, admin: true, most: mostName},
		{name: fieldComment, ofEntry: true, most: mostText},
		{name: fieldExternalID, ofEntry: true, most: mostName},
		{name: fieldReferences, kind: kindLink, list: true, ofEntry: true, most: mostLinks},
		{name: fieldDatasets, kind: kindDataset, list: true, ofEntry: true, most: mostMembers},
		{name: fieldEntryTime, kind: kindTime, ofEntry: true, admin: true, must: true},
	}
	i := slices.IndexFunc(table[:], func(f field) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &table[i]
}

// ofPeople tells whether the field says who may do what with an upload.
func (f *field) ofPeople() bool { return f.kind == kindUser || f.kind == kindGroup }

// databases are the values of external_db.
func databases() []string {
	return []string{
		"The Perovskite Database Project", "EELS Data Base", "Materials Project", "AFLOW", "OQMD", "Kyoto Phonopy Database",
		"CatTestHub", "Catalyst Acquisition by Data Sharing (CADS)", "Open Catalyst Project",
	}
}

// change is a checked value for one field.
type change struct {
	field *field
	place []any
	// One of these holds the value; all zero = cleared.
	text   string
	number int
	micros int64
	list   *operations
}

// operations change a list: either set, or what add and remove hold.
type operations struct {
	set         bool
	add, remove []string
}

// apply gives what becomes of a list. What is added comes behind, what is there is not repeated.
func (o *operations) apply(have []string) []string {
	var next []string
	if !o.set {
		for _, v := range have {
			if !slices.Contains(o.remove, v) {
				next = append(next, v)
			}
		}
	}
	for _, v := range o.add {
		if !slices.Contains(next, v) {
			next = append(next, v)
		}
	}
	return next
}

// String tells of the change in the audit log.
func (c *change) String() string {
	if c.list == nil || !c.field.ofPeople() {
		if c.field.kind == kindUser {
			return c.field.name + " " + c.text
		}
		return c.field.name
	}
	var parts []string
	say := func(word string, ids []string) {
		if len(ids) > 0 || word == "set" {
			parts = append(parts, word+" "+strings.Join(ids, ", "))
		}
	}
	if c.list.set {
		say("set", c.list.add)
	} else {
		say("add", c.list.add)
		say("remove", c.list.remove)
	}
	return c.field.name + ": " + strings.Join(parts, "; ")
}
