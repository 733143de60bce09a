package expression

// logicFunctions choose between values and ask questions about them.
func logicFunctions() []Function {
	anything := []Param{{Name: "Expression", Type: Any}}
	return append([]Function{
		{
			Name:   "IIF",
			Params: []Param{{Name: "condition", Type: Logical}, {Name: "valueIfTrue", Type: Any, Optional: true, Passes: true}, {Name: "valueIfFalse", Type: Any, Optional: true, Passes: true}},
			Result: Any,
			Doc: "valueIfTrue when the condition holds, else valueIfFalse. Comparisons are = <> > >= < <=. One with a null or empty value does not hold, whatever " +
				"the operator; ask with IsNullOrEmpty, or use Switch with the key \"\". There is no AND and no OR: nest another IIF.",
			Examples: []Example{
				{Expression: `IIF([country]="USA", [country], [department])`, Given: given("country", "USA", "department", "Sales"), Want: []string{"USA"}},
				{Expression: `IIF([country]="USA", [country], [department])`, Given: given("country", "usa", "department", "Sales"), Want: []string{"Sales"}},
				{Expression: `IIF([country]<>"USA", "abroad", "unknown")`, Want: []string{"unknown"}},
				{Expression: `IIF([employeeId] >= 100, "new", "old")`, Given: given("employeeId", "99"), Want: []string{"old"}},
				{Expression: `IIF(IsNullOrEmpty([country]), "Other", [country])`, Want: []string{"Other"}},
			},
			build: buildIIF,
		},
		{
			Name: "Switch",
			Params: []Param{
				{Name: "source", Type: Text}, {Name: "defaultValue", Type: Any, Optional: true, Passes: true},
				{Name: "key", Type: Text}, {Name: "value", Type: Any, Optional: true, Passes: true},
			},
			Repeat: 2,
			Result: Any,
			Doc: "The value of the first key that equals the source, letter case counting; else the default, which is null when its slot is empty. The key \"\" is " +
				"that of a null or empty source. Not for references.",
			Examples: []Example{
				{Expression: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, Given: given("IsSoftDeleted", "False"), Want: []string{"True"}},
				{
					Expression: `Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney", "QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")`,
					Given:      given("state", "QLD"), Want: []string{"Australia/Brisbane"},
				},
				{Expression: `Switch([statusFlag], "Default Value", "true", "1", "", "0")`, Want: []string{"0"}},
				{Expression: `Switch(ToLower([statusFlag]), "0", "true", "1", "false", "0")`, Given: given("statusFlag", "TRUE"), Want: []string{"1"}},
				{Expression: `Switch([state], , "NSW", "Sydney")`, Given: given("state", "nsw")},
				{Expression: `Switch([state], "a", "b")`, Fails: "3 of at least 4 arguments"},
				{Expression: `Switch([state], "a", "b", "c", "d")`, Fails: "a key without a value"},
			},
			build: buildSwitch,
		},
		{
			Name:   "Coalesce",
			Params: []Param{{Name: "source", Type: Any, Passes: true}},
			Repeat: 1,
			Result: Any,
			Doc:    "The first value that is not null; null when all are. The empty text is not null. A default is simply the last value.",
			Examples: []Example{
				{Expression: `Coalesce([mail], [userPrincipalName])`, Given: given("userPrincipalName", "j@contoso.com"), Want: []string{"j@contoso.com"}},
				{Expression: `Coalesce([mail], [userPrincipalName], "none")`, Want: []string{"none"}},
				{Expression: `Coalesce("", "x")`, Want: []string{""}},
				{Expression: `Coalesce([mail], [userPrincipalName])`},
			},
			build: buildCoalesce,
		},
		{
			Name:   "Not",
			Params: []Param{{Name: "source", Type: Any}},
			Result: Logical,
			Doc:    "False when the source is true (or the text True), else True.",
			Examples: []Example{
				{Expression: `Not([accountEnabled])`, Given: given("accountEnabled", "True"), Want: []string{"False"}},
				{Expression: `Not([accountEnabled])`, Given: given("accountEnabled", "False"), Want: []string{"True"}},
				{Expression: `Not([accountEnabled])`, Want: []string{"True"}},
			},
			build: onValue(func(v Value) Value { return Boolean(!holds(v)) }),
		},
		{
			Name:   "CBool",
			Params: anything,
			Result: Logical,
			Doc:    "True when the expression is true, the text True, or a number that is not zero; else False.",
			Examples: []Example{
				{Expression: `CBool([a] = [b])`, Given: given("a", "x", "b", "x"), Want: []string{"True"}},
				{Expression: `CBool([a] = [b])`, Given: given("a", "x", "b", "X"), Want: []string{"False"}},
				{Expression: `CBool(BitAnd([userAccountControl], 2))`, Given: given("userAccountControl", "514"), Want: []string{"True"}},
				{Expression: `CBool(0)`, Want: []string{"False"}},
				{Expression: `CBool([a])`, Want: []string{"False"}},
			},
			build: onValue(func(v Value) Value {
				n, isNumber := v.integer()
				return Boolean(holds(v) || isNumber && n != 0)
			}),
		},
	}, questionFunctions(anything)...)
}

// holds reports whether a value is true; a text counts in any letter case.
func holds(v Value) bool {
	one, ok := v.single()
	truth, isBool := one.truth()
	return ok && isBool && truth
}

func questionFunctions(anything []Param) []Function {
	return []Function{
		{
			Name:   "IsNull",
			Params: anything,
			Result: Logical,
			Doc:    "True when the expression is null, that is, when the attribute is absent.",
			Examples: []Example{
				{Expression: `IsNull([displayName])`, Want: []string{"True"}},
				{Expression: `IsNull([displayName])`, Given: given("displayName", ""), Want: []string{"False"}},
			},
			build: onValue(func(v Value) Value { return Boolean(v.IsNull()) }),
		},
		{
			Name:     "IsNothing",
			Params:   anything,
			Result:   Logical,
			Doc:      "The same as IsNull: true when the attribute is absent.",
			Examples: []Example{{Expression: `IsNothing([displayName])`, Want: []string{"True"}}},
			build:    onValue(func(v Value) Value { return Boolean(v.IsNull()) }),
		},
		{
			Name:   "IsNullOrEmpty",
			Params: anything,
			Result: Logical,
			Doc:    "True when the expression is null or an empty text.",
			Examples: []Example{
				{Expression: `IsNullOrEmpty([displayName])`, Want: []string{"True"}},
				{Expression: `IsNullOrEmpty("")`, Want: []string{"True"}},
				{Expression: `IsNullOrEmpty("x")`, Want: []string{"False"}},
			},
			build: onValue(func(v Value) Value { return Boolean(v.IsEmpty()) }),
		},
		{
			Name:   "IsPresent",
			Params: anything,
			Result: Logical,
			Doc:    "True when the expression is neither null nor an empty text.",
			Examples: []Example{
				{Expression: `IsPresent([displayName])`, Given: given("displayName", "John"), Want: []string{"True"}},
				{Expression: `IsPresent("")`, Want: []string{"False"}},
			},
			build: onValue(func(v Value) Value { return Boolean(!v.IsEmpty()) }),
		},
		{
			Name:   "IsString",
			Params: anything,
			Result: Logical,
			Doc:    "True when the expression can be written as one text: it is neither null nor an attribute with several values.",
			Examples: []Example{
				{Expression: `IsString([displayName])`, Given: given("displayName", "John"), Want: []string{"True"}},
				{Expression: `IsString([displayName])`, Want: []string{"False"}},
				{Expression: `IsString([otherMails])`, Given: []Given{{"otherMails", []string{"a", "b"}}}, Want: []string{"False"}},
			},
			build: onValue(func(v Value) Value {
				one, ok := v.single()
				return Boolean(ok && !one.IsNull())
			}),
		},
	}
}

func buildIIF(c *call) (code, error) {
	return func(s *state) (Value, error) {
		condition, err := c.scalar(s, 0)
		if err != nil {
			return NullValue, err
		}
		if holds(condition) {
			return c.value(s, 1)
		}
		return c.value(s, 2)
	}, nil
}

// buildSwitch always works on the whole object: Entra's own Switch is known to answer null in incremental cycles that carry only changed attributes.
func buildSwitch(c *call) (code, error) {
	return func(s *state) (Value, error) {
		source, _, err := c.text(s, 0)
		if err != nil {
			return NullValue, err
		}
		for i := 2; i < len(c.args); i += 2 {
			key, _, err := c.text(s, i)
			if err != nil {
				return NullValue, err
			}
			if key == source {
				return c.value(s, i+1)
			}
		}
		return c.value(s, 1)
	}, nil
}

func buildCoalesce(c *call) (code, error) {
	return func(s *state) (Value, error) {
		for i := range c.args {
			v, err := c.value(s, i)
			if err != nil || !v.IsNull() {
				return v, err
			}
		}
		return NullValue, nil
	}, nil
}
