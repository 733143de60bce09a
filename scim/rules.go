package scim

// The tolerances of the normaliser. Each turns something that identity providers are known to send into what they mean; none changes the meaning of
// a valid request. DecodeOptions.Report is told each time one was needed. (N14 to N16 and N20 are rules of whoever serves HTTP and stores.)
const (
	RuleOpCase          = "N1"  // PATCH op in another letter case
	RuleNameCase        = "N2"  // attribute name or URN in another letter case
	RuleBooleanText     = "N3"  // boolean as the string true or false
	RuleBareValue       = "N4"  // complex attribute given as its bare value
	RuleEmptyValue      = "N5"  // "", {}, {"value":""} mean unassigned
	RulePathKey         = "N6"  // keys of a path-less PATCH value that are paths themselves
	RuleRemoveValue     = "N7"  // remove with a list of elements in value
	RuleCreateElement   = "N8"  // element created from the equalities of a path's filter
	RuleReadOnly        = "N9"  // read-only attribute in a body, ignored
	RuleSchemasAbsent   = "N10" // schemas left away
	RuleLegacyURN       = "N11" // URN from before RFC 7643
	RuleSingleForList   = "N12" // one value where a list belongs, plain strings where objects belong
	RuleNullSub         = "N13" // null sub-attribute dropped
	RuleNoEffect        = "N17" // add of what is there, remove of what is not
	RuleUnknown         = "N18" // unknown attribute in a body, ignored
	RulePageBounds      = "N19" // startIndex or count moved into bounds
	RuleExtensionByName = "X1"  // extension attribute named without its URN
	RuleListForSingle   = "X2"  // list of one where a single value belongs (Entra's documented manager; JSON values in a PATCH of SCIM-SDK's client)
)

// Profile says which identity provider writes, for the two rules that depend on it: whether a PATCH replace creates the element its path does not
// find (N8), and what happens when a deactivated user is created again (N16, not decided in this package).
type Profile string

// The profiles. The empty Profile is ProfileRFC.
const (
	ProfileRFC   Profile = "rfc"
	ProfileEntra Profile = "entra"
	ProfileOkta  Profile = "okta"
)

// DecodeOptions say how a request body is read.
type DecodeOptions struct {
	Profile Profile
	Report  func(rule string) // called with a Rule… constant each time that tolerance was needed; may be nil
}

// outcome says what a value that was sent amounts to.
type outcome uint8

const (
	assigned   outcome = iota // there is a value
	unassigned                // explicitly none: null, "", [], {}
	ignored                   // only things that do not count, such as read-only sub-attributes
)

// normaliser turns decoded JSON into canonical values. It is made for one request.
type normaliser struct {
	rt     *ResourceType
	report func(rule string)

	// keepNulls keeps emptied sub-attributes of a complex value as nil, because in a PATCH they unassign what is stored.
	keepNulls bool
}

func (n *normaliser) used(rule string) {
	if n.report != nil {
		n.report(rule)
	}
}

// named counts a name that differs from the schema's spelling.
func (n *normaliser) named(sent, canonical string) {
	if sent != canonical {
		n.used(RuleNameCase)
	}
}
