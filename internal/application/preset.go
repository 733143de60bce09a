package application

import (
	"maps"
	"slices"
)

// presets are what is published about services, or was seen by others and reported (spec/scim.md sections 4.4 and 9). They are stronger than what a service
// says of itself, because these say more and less than they do.
func presets() map[string]map[string]string {
	return map[string]map[string]string{
		// 100 member changes in one request; a group is returned without its members; of a PATCH without a path it takes a single attribute.
		"aws-iam-identity-center": {ProfileDialect: "rfc", ProfileMemberBatch: "100"},
		// No sorting, no pagination of either kind, no bulk, no entity tags.
		"google-cloud-identity": {ProfilePagination: "off", ProfileBulk: "off", ProfileETag: "off"},
		// Members of a group change by PATCH only: PUT is answered 501.
		"keycloak": {ProfilePatch: "on", ProfilePut: "off"},
	}
}

// PresetNames lists the services that there is a preset for.
func PresetNames() []string { return slices.Sorted(maps.Keys(presets())) }
