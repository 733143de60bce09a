package directory

import (
	"strconv"
	"testing"
)

func TestEffectsCountMembersAndNameFewObjects(t *testing.T) {
	var e Effects
	e.add(Change{Kind: Updated, Type: Group, ID: "g", Paths: []string{"displayName"}})
	for range 1000 {
		e.add(Change{Kind: MemberAdded, Type: Group, ID: "g"})
	}
	if len(e.List) != 2 || e.List[1].Count != 1000 || e.List[0].Paths[0] != "displayName" || e.More != 0 {
		t.Fatalf("one group that got a thousand members has the effects %+v", e)
	}
	for i := range 100 {
		e.add(Change{Kind: MemberRemoved, Type: Group, ID: strconv.Itoa(i)})
	}
	if len(e.List) != maxEffects || e.More != 102-maxEffects {
		t.Errorf("%d effects are named and %d are not; expected %d and %d", len(e.List), e.More, maxEffects, 102-maxEffects)
	}
}
