package gallery

import "github.com/rollcall-id/rollcall/internal/mapping"

// vaultPlatform is the application of the seed: users only, thirteen attributes, in the order of its table.
func vaultPlatform() Template {
	return Template{
		ID:            "vault-platform",
		Name:          "Vault Platform",
		Publisher:     "Vault Platform",
		Description:   "Creates, updates and removes users in Vault Platform. Groups are not provisioned.",
		Documentation: "docs/guides/vault-platform.md",
		TenantURL:     "https://app.vaultplatform.com/api/scim/{organization-slug}",
		Filterable:    []string{"userName", "externalId"},
		Mapping: mapping.Set{Objects: []mapping.ObjectMapping{
			listed(object("Synchronize Microsoft Entra users to Vault Platform", user,
				matching(required(direct("userName", "userPrincipalName")), 1),
				matching(exact(required(direct("externalId", "objectId"))), 2),
				required(expr("active", activeExpression, mapping.Boolean)),
				direct("displayName", "displayName"),
				required(direct("title", "jobTitle")),
				required(direct(`emails[type eq "work"].value`, "mail")),
				required(direct("name.givenName", "givenName")),
				required(direct("name.familyName", "surname")),
				required(direct(`addresses[type eq "work"].locality`, "city")),
				required(direct(`addresses[type eq "work"].country`, "country")),
				required(direct(enterprise+"employeeNumber", "employeeId")),
				required(direct(enterprise+"department", "department")),
				reference(enterprise+"manager", "manager", user),
			)),
		}},
	}
}
