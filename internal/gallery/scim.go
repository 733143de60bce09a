package gallery

import "github.com/rollcall-id/rollcall/internal/mapping"

// generic is for any SCIM 2.0 service, with the default mappings that Entra gives a non-gallery application (spec/entra-provisioning.md 3.6 and 3.7).
func generic() Template {
	return Template{
		ID:            "scim",
		Name:          "SCIM 2.0 application",
		Publisher:     "Rollcall",
		Description:   "Any application with a SCIM 2.0 service. Provisions users and groups.",
		Documentation: "docs/guides/scim.md",
		Filterable:    []string{"userName", "displayName"},
		Mapping: mapping.Set{Objects: []mapping.ObjectMapping{
			complete(object("Synchronize Microsoft Entra users to the SCIM application", user,
				matching(required(direct("userName", "userPrincipalName")), 1),
				required(expr("active", activeExpression, mapping.Boolean)),
				direct("displayName", "displayName"),
				direct("title", "jobTitle"),
				direct(`emails[type eq "work"].value`, "mail"),
				direct("preferredLanguage", "preferredLanguage"),
				direct("name.givenName", "givenName"),
				direct("name.familyName", "surname"),
				expr("name.formatted", `Join(" ", [givenName], [surname])`, mapping.String),
				direct(`addresses[type eq "work"].formatted`, "physicalDeliveryOfficeName"),
				direct(`addresses[type eq "work"].streetAddress`, "streetAddress"),
				direct(`addresses[type eq "work"].locality`, "city"),
				direct(`addresses[type eq "work"].region`, "state"),
				direct(`addresses[type eq "work"].postalCode`, "postalCode"),
				direct(`addresses[type eq "work"].country`, "country"),
				direct(`phoneNumbers[type eq "work"].value`, "telephoneNumber"),
				direct(`phoneNumbers[type eq "mobile"].value`, "mobile"),
				direct(`phoneNumbers[type eq "fax"].value`, "facsimileTelephoneNumber"),
				direct("externalId", "mailNickname"),
				direct(enterprise+"employeeNumber", "employeeId"),
				direct(enterprise+"department", "department"),
				reference(enterprise+"manager", "manager", user),
			)),
			complete(object("Synchronize Microsoft Entra groups to the SCIM application", group,
				matching(required(direct("displayName", "displayName")), 1),
				exact(direct("externalId", "objectId")),
				many(reference("members", "members", "")),
			)),
		}},
	}
}
