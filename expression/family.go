package expression

import "slices"

// Family is a group of functions that belong together for a reader.
type Family string

// The families.
const (
	ofTexts     Family = "Text"
	ofReplacing Family = "Replacing"
	ofChoices   Family = "Choices and questions"
	ofLists     Family = "Several values"
	ofDates     Family = "Dates"
	ofForms     Family = "Numbers and encodings"
	ofDirectory Family = "The directory"
	ofRoles     Family = "Roles in the application"
	ofChance    Family = "Random values"
	ofFlows     Family = "The mapping itself"
)

// Families returns the families in the order in which a manual shows them.
func Families() []Family {
	return []Family{ofTexts, ofReplacing, ofChoices, ofLists, ofDates, ofForms, ofRoles, ofDirectory, ofChance, ofFlows}
}

// family gives functions their family.
func family(f Family, functions []Function) []Function {
	functions = slices.Clone(functions)
	for i := range functions {
		functions[i].Family = f
	}
	return functions
}
