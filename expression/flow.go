package expression

// flowFunctions say something about the mapping rather than about the value.
func flowFunctions() []Function {
	return []Function{
		{
			Name:   "IgnoreFlowIfNullOrEmpty",
			Params: []Param{{Name: "expression", Type: Any, Passes: true}},
			Result: Any,
			Doc:    "The expression; but when it is null or empty, the attribute is left out of this export, whatever the mapping says about empty values.",
			Examples: []Example{
				{Expression: `IgnoreFlowIfNullOrEmpty([department])`, Given: given("department", "Sales"), Want: []string{"Sales"}},
				{Expression: `IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof."))`, Given: given("prefix", "1"), Want: []string{""}},
				{Expression: `IgnoreFlowIfNullOrEmpty([department])`},
			},
			build: onValue(func(v Value) Value {
				v.ignore = v.IsEmpty()
				return v
			}),
		},
		{
			Name:   "Redact",
			Params: []Param{{Name: "value", Type: Any, Passes: true}},
			Result: Any,
			Doc:    "The value; it flows to the target, but logs show [Redact] instead of it.",
			Examples: []Example{
				{Expression: `Redact([userPrincipalName])`, Given: given("userPrincipalName", "john@contoso.com"), Want: []string{"john@contoso.com"}},
				{Expression: `Append("p-", Redact(Append([userPrincipalName], 1)))`, Given: given("userPrincipalName", "john"), Want: []string{"p-john1"}},
			},
			build: buildRedact,
		},
		{
			Name:   "Error",
			Params: []Param{{Name: "message", Type: Text}},
			Result: Any, deliberate: true,
			Doc: "Fails the object with the message.",
			Examples: []Example{
				{Expression: `IIF(IsPresent([employeeId]), [employeeId], Error("no employee number"))`, Given: given("employeeId", "7"), Want: []string{"7"}},
				{Expression: `IIF(IsPresent([employeeId]), [employeeId], Error("no employee number"))`, Fails: "no employee number"},
			},
			build: func(c *call) (code, error) {
				return func(s *state) (Value, error) {
					message, _, err := c.text(s, 0)
					if err != nil {
						return NullValue, err
					}
					if c.program.redacts {
						message = "[Redact]"
					}
					return NullValue, c.fail("%s", message)
				}, nil
			},
		},
		{
			Name:    "SelectUniqueValue",
			Params:  []Param{{Name: "uniqueValueRule", Type: Text, Passes: true}, {Name: "uniqueValueRule", Type: Text, Passes: true}},
			Repeat:  1,
			Result:  Text,
			TopOnly: true,
			Doc: "The first of the values that no account at the target has yet. An error when all are taken. Only for mappings that apply at creation, " +
				"never for matching.",
			Examples: []Example{
				{
					Expression: `SelectUniqueValue(Append([givenName], "@contoso.com"), Append(Left([givenName], 1), "@contoso.com"))`,
					Given:      given("givenName", "John"), Want: []string{"John@contoso.com"},
				},
				{Expression: `SelectUniqueValue("taken", "free")`, Want: []string{"free"}},
				{Expression: `SelectUniqueValue("taken", "taken")`, Fails: "all 2 values are taken"},
				{Expression: `Append(SelectUniqueValue("a", "b"), "c")`, Fails: "must be the whole expression"},
			},
			build: buildSelectUnique,
		},
	}
}

// buildRedact marks the whole result: a value that was made of a redacted one gives it away.
func buildRedact(c *call) (code, error) {
	return func(s *state) (Value, error) {
		s.redacted = true
		return c.value(s, 0)
	}, nil
}

func buildSelectUnique(c *call) (code, error) {
	return func(s *state) (Value, error) {
		if s.env.Unique == nil {
			return NullValue, c.fail("the target cannot be asked here whether a value is taken")
		}
		for i := range c.args {
			candidate, ok, err := c.text(s, i)
			if err != nil {
				return NullValue, err
			}
			if !ok || candidate == "" {
				continue
			}
			free, err := s.env.Unique(s.ctx, candidate)
			if err != nil {
				return NullValue, err
			}
			if free {
				return Str(candidate), nil
			}
		}
		return NullValue, c.fail("all %d values are taken at the target: add another rule", len(c.args))
	}, nil
}
