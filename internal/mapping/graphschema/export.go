package graphschema

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// Meta is what a document says besides the mapping.
type Meta struct {
	// ID is what the ids of a new document are made from: the same ID gives the same ids. An imported document keeps its own.
	ID string
	// Users and Groups are the attributes of the source's objects, for the definition of the source directory. Those that the mapping reads are always
	// defined.
	Users, Groups []mapping.Definition
}

// What a new document says.
const (
	firstVersion   = "v1.0"
	targetName     = "customappsso"                         // Entra's name for the directory of an application that is not in its gallery
	ruleID         = "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8" // of the rule USER_OUTBOUND_USER; the engine knows rules by their ids
	ruleName       = "USER_OUTBOUND_USER"
	userObject     = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	groupObject    = "urn:ietf:params:scim:schemas:core:2.0:Group"
	sourceAnchor   = "objectId"
	targetAnchor   = "id"
	sourceDirectID = "source directory" // what the ids of a document are of
	targetDirectID = "target directory"
	documentID     = "document"
)

// Export writes the mapping as a document, laid over the one it was imported from, when there is one: what of it is not ours stays, rows and definitions
// that the set no longer has vanish, and new ones are added. The version changes when the rest does. The error is fault.ErrInvalid.
func Export(set mapping.Set, meta Meta) ([]byte, error) {
	data := []byte(set.Imported)
	if len(data) == 0 {
		data = compact(blank(meta))
	}
	root, err := parse(data)
	if err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "the document that the mapping was imported from: %w", err)
	}
	r := &reader{}
	doc := r.document(node{r: r, value: root})
	if err := r.err(); err != nil && len(set.Imported) > 0 {
		return nil, fault.Errorf(fault.ErrInvalid, "the document that the mapping was imported from: %w", err)
	}
	before := string(compact(root))
	w := &writer{document: doc, meta: meta}
	if err := w.set(&set); err != nil {
		return nil, fault.Errorf(fault.ErrInvalid, "%w", err)
	}
	if len(set.Imported) > 0 && string(compact(root)) != before {
		version, _ := root.get("version").(string)
		root.set("version", bumped(version))
	}
	return printed(root), nil
}

// blank is the document of an application that nothing was imported for.
func blank(meta Meta) *object {
	return made(
		"id", uuid(meta.ID, documentID),
		"version", firstVersion,
		"provisioningTaskIdentifier", taskOf(meta),
		"synchronizationRules", &list{[]any{made(
			"id", ruleID, "name", ruleName, "priority", number("1"), "editable", true,
			"sourceDirectoryName", entraDirectory, "targetDirectoryName", targetName,
			"metadata", &list{}, "groupings", &list{}, "containerFilter", nil, "groupFilter", nil, "objectMappings", &list{},
		)}},
		"directories", &list{[]any{
			blankDirectory(uuid(meta.ID, sourceDirectID), entraDirectory, true),
			blankDirectory(uuid(meta.ID, targetDirectID), targetName, false),
		}},
	)
}

func blankDirectory(id, name string, readOnly bool) *object {
	return made("id", id, "name", name, "version", "1.0", "readOnly", readOnly, "discoverabilities", "AttributeNames, AttributeDataTypes",
		"discoveryDateTime", nil, "metadata", &list{}, "objects", &list{})
}

func taskOf(meta Meta) string { return targetName + "." + uuid(meta.ID, documentID) }

// uuid is an id that depends on nothing but its arguments (RFC 9562, version 8).
func uuid(id, of string) string {
	b := sha256.Sum256([]byte(id + "\x00" + of))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// bumped is the version after a version: v1.21 becomes v1.22. To Graph it is an opaque text.
func bumped(version string) string {
	digits := len(version) - len(strings.TrimRight(version, "0123456789"))
	const most = 15 // digits that surely fit
	if digits == 0 || digits > most {
		return version + ".1"
	}
	n, _ := strconv.Atoi(version[len(version)-digits:])
	return version[:len(version)-digits] + strconv.Itoa(n+1)
}
