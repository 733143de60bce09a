package scimserver

import (
	"net/http"
	"strconv"

	"github.com/rollcall-id/rollcall/scim"
)

// sendBulk answers with a BulkResponse (RFC 7644, 3.7): the operations that were tried, in the order of the request.
func (c *call) sendBulk(jobs []job) {
	c.sendWith(http.StatusOK, func(b []byte) []byte {
		b = append(b, `{"schemas":["`+scim.URNBulkResponse+`"],"Operations":[`...)
		first := true
		for i := range jobs {
			if jobs[i].status == 0 {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = c.appendResult(b, &jobs[i])
			c.event.Results++
		}
		return append(b, ']', '}')
	})
}

// appendResult appends what came of an operation. status is a string: the RFC shows it as an object in one place and as a string in all others.
func (c *call) appendResult(b []byte, j *job) []byte {
	b = append(b, `{"status":"`...)
	b = strconv.AppendInt(b, int64(j.status), 10)
	b = append(b, '"')
	for _, member := range [...]struct{ name, value string }{
		{"method", j.event.Method}, {"bulkId", j.op.BulkID}, {"version", j.version}, {"location", c.locationOf(j)},
	} {
		if member.value != "" {
			b = append(b, `,"`+member.name+`":`...)
			b = scim.AppendJSON(b, member.value)
		}
	}
	if j.failure != nil {
		b = append(b, `,"response":`...)
		b = j.failure.AppendJSON(b)
	}
	return append(b, '}')
}

// locationOf is the address of an operation's resource; there is none of a POST that failed and of a path that leads to no resource.
func (c *call) locationOf(j *job) string {
	if j.rt == nil || j.id == "" {
		return ""
	}
	return c.location(j.rt, j.id)
}
