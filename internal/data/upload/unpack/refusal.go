package unpack

import (
	"strconv"
	"strings"

	"oasis/internal/problem"
)

// badFormat is the sentence of NOMAD for what is not an archive (spec uploads.md §3.4).
const badFormat = "Cannot extract file. Bad file format or file extension?"

// refused is the 400 for an archive with a member that must not be stored.
func refused(member, reason string) *problem.Error {
	return problem.Bad("The archive was refused and nothing of it was stored: member %s %s.", quote(member), reason)
}

// tooLarge is the 413 for an archive beyond a limit.
func tooLarge(member, reason string) *problem.Error {
	return problem.New(problem.TooLarge, "The archive was refused and nothing of it was stored: member %s %s.", quote(member), reason)
}

// damaged is the 400 for a member that cannot be read.
func damaged(member string, cause error) *problem.Error {
	return refused(member, "cannot be read, the archive is damaged or not complete; make it again").Because(cause)
}

// quote shows a name on one line, and not more of it than a reader needs.
func quote(name string) string {
	const most = 200
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most/2], "") + "…" + strings.ToValidUTF8(name[len(name)-most/2:], "")
	}
	return strconv.Quote(name)
}
