package directory

import (
	"strconv"

	"github.com/rollcall-id/rollcall/scim"
)

// Name is one word of Entra's attribute vocabulary.
type Name struct {
	Entra       string    // as Entra's mappings and CSV headers write it; found in any letter case
	Path        string    // where the value is in a SCIM resource; "id" for objectId
	Type        scim.Type // of the value; a manager is a reference, whose value is the id of another user
	MultiValued bool
	Doc         string
}

// Vocabulary returns the attributes of users in Entra's words. Two words may mean one path (physicalDeliveryOfficeName, officeLocation).
// What is computed for provisioning only (IsSoftDeleted, appRoleAssignments) is no attribute of the directory and not in it.
func Vocabulary() []Name { return userNames() }

// GroupVocabulary returns the attributes of groups in Entra's words. Members are rows of their own, so Attribute knows the word and has no value for it.
func GroupVocabulary() []Name { return groupNames() }

const (
	enterprise = scim.URNEnterpriseUser + ":"
	ours       = URNDirectoryUser + ":"
)

func userNames() []Name {
	names := []Name{
		{Entra: "objectId", Path: "id", Doc: "the directory's own id; never changes"},
		{Entra: "userPrincipalName", Path: "userName", Doc: "the unique sign-in name"},
		{Entra: "displayName", Path: "displayName", Doc: "the name shown in lists"},
		{Entra: "givenName", Path: "name.givenName", Doc: "first name"},
		{Entra: "surname", Path: "name.familyName", Doc: "family name"},
		{Entra: "mail", Path: `emails[type eq "work"].value`, Doc: "mail address at work"},
		{Entra: "jobTitle", Path: "title", Doc: "job title"},
		{Entra: "preferredLanguage", Path: "preferredLanguage", Doc: "language tag such as en-US"},
		{Entra: "userType", Path: "userType", Doc: "Member or Guest"},
		{Entra: "accountEnabled", Path: "active", Type: scim.TypeBoolean, Doc: "whether the person may sign in; true when nobody said anything"},
		{Entra: "streetAddress", Path: `addresses[type eq "work"].streetAddress`, Doc: "street and number at work"},
		{Entra: "city", Path: `addresses[type eq "work"].locality`, Doc: "city of the work place"},
		{Entra: "state", Path: `addresses[type eq "work"].region`, Doc: "state or province of the work place"},
		{Entra: "postalCode", Path: `addresses[type eq "work"].postalCode`, Doc: "postal code of the work place"},
		{Entra: "country", Path: `addresses[type eq "work"].country`, Doc: "country of the work place"},
		{Entra: "physicalDeliveryOfficeName", Path: `addresses[type eq "work"].formatted`, Doc: "the office"},
		{Entra: "officeLocation", Path: `addresses[type eq "work"].formatted`, Doc: "another word for physicalDeliveryOfficeName"},
		{Entra: "telephoneNumber", Path: `phoneNumbers[type eq "work"].value`, Doc: "telephone number at work"},
		{Entra: "mobile", Path: `phoneNumbers[type eq "mobile"].value`, Doc: "mobile telephone number"},
		{Entra: "mobilePhone", Path: `phoneNumbers[type eq "mobile"].value`, Doc: "another word for mobile"},
		{Entra: "facsimileTelephoneNumber", Path: `phoneNumbers[type eq "fax"].value`, Doc: "fax number"},
		{Entra: "employeeId", Path: enterprise + "employeeNumber", Doc: "the employer's number for the person"},
		{Entra: "department", Path: enterprise + "department", Doc: "department"},
		{Entra: "division", Path: enterprise + "division", Doc: "division"},
		{Entra: "costCenter", Path: enterprise + "costCenter", Doc: "cost center"},
		{Entra: "manager", Path: enterprise + "manager.value", Type: scim.TypeReference, Doc: "the manager; the value is the manager's objectId"},
		{Entra: "mailNickname", Path: ours + "mailNickname", Doc: "mail alias: the mail address without its domain"},
		{Entra: "companyName", Path: ours + "companyName", Doc: "the company the person works for"},
		{Entra: "usageLocation", Path: ours + "usageLocation", Doc: "country code that decides which services the person may use"},
		{Entra: "employeeType", Path: ours + "employeeType", Doc: "employee, contractor, and so on"},
		{Entra: "employeeHireDate", Path: ours + "employeeHireDate", Type: scim.TypeDateTime, Doc: "first day of work"},
		{Entra: "employeeLeaveDateTime", Path: ours + "employeeLeaveDateTime", Type: scim.TypeDateTime, Doc: "end of the last day of work"},
		{Entra: "immutableId", Path: ours + "immutableId", Doc: "id of the person in the directory on premises"},
		{Entra: "otherMails", Path: ours + "otherMails", MultiValued: true, Doc: "further mail addresses"},
		{Entra: "proxyAddresses", Path: ours + "proxyAddresses", MultiValued: true, Doc: "all addresses the person gets mail at, such as SMTP:j@example.com"},
	}
	for i := 1; i <= 15; i++ {
		name := "extensionAttribute" + strconv.Itoa(i)
		names = append(names, Name{Entra: name, Path: ours + name, Doc: "free for what an organization needs"})
	}
	return typed(names)
}

func groupNames() []Name {
	return typed([]Name{
		{Entra: "objectId", Path: "id", Doc: "the directory's own id; never changes"},
		{Entra: "displayName", Path: "displayName", Doc: "the unique name of the group"},
		{Entra: "members", Path: "members", Type: scim.TypeReference, MultiValued: true, Doc: "the users and groups that belong to it"},
	})
}

// typed fills in the type that most names have.
func typed(names []Name) []Name {
	for i := range names {
		if names[i].Type == "" {
			names[i].Type = scim.TypeString
		}
	}
	return names
}
