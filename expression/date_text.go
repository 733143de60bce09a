package expression

// dateTextFunctions read and write dates.
func dateTextFunctions() []Function {
	return []Function{
		{
			Name:   "CDate",
			Params: []Param{{Name: "expression", Type: Text}},
			Result: Date,
			Doc: "The date that the text writes, in UTC, for use in date functions: 2020-03-16, 2020-03-16T01:45:30-07:00, 3/16/2020 1:45:30 PM (month first), " +
				"16 March 2020, Mon, 16 Mar 2020 08:45:30 GMT. Without a time zone it is UTC. FormatDateTime brings other forms into one of these. Null when the " +
				"text is null or empty.",
			Examples: []Example{
				{Expression: `CDate("2020-03-16-07:00")`, Want: []string{"3/16/2020 7:00:00 AM"}},
				{Expression: `CDate("2021-06-30+08:00")`, Want: []string{"6/29/2021 4:00:00 PM"}},
				{Expression: `CDate("2009-06-15T01:45:30-07:00")`, Want: []string{"6/15/2009 8:45:30 AM"}},
				{Expression: `CDate("Mon, 15 Jun 2009 20:45:30 GMT")`, Want: []string{"6/15/2009 8:45:30 PM"}},
				{Expression: `CDate("31/12/2020")`, Fails: "there is no month 31"},
				{Expression: `CDate("31.12.2020")`, Fails: "whether the day or the month comes first"},
				{Expression: `CDate("soon")`, Fails: "write it as 2020-03-16 or 2020-03-16T01:45:30Z"},
				{Expression: `CDate([hireDate])`, Given: given("hireDate", "")},
				{Expression: `CDate([hireDate])`},
			},
			build: func(c *call) (code, error) {
				return func(s *state) (Value, error) {
					v, _, err := c.readDate(s, 0)
					return v, err
				}, nil
			},
		},
		{
			Name: "FormatDateTime",
			Params: []Param{
				{Name: "source", Type: Text},
				{Name: "dateTimeStyles", Type: Text, Optional: true, Doc: "of .NET; RoundtripKind, AllowLeadingWhite, AllowTrailingWhite when the slot is empty"},
				{Name: "inputFormat", Type: Text, Doc: "how the source writes its date, as a .NET date format"},
				{Name: "outputFormat", Type: Text, Optional: true, Doc: "how to write it"},
			},
			Result: Text,
			Doc: "The source, a date in the input format, written in the output format. Both are .NET date formats in the invariant culture: y year, M month, d day, " +
				"H hour (h with tt for AM or PM), m minute, s second, f and F their fraction, K and zzz the time zone, other text in single quotes; or one of the " +
				"standard formats such as o and s. The source must have exactly the input format. A date with a time zone becomes UTC. With three arguments they " +
				"are source, input format and output format. A source that is null or empty stays what it is. One that is a date, such as Now(), reads as " +
				"M/d/yyyy h:mm:ss tt.",
			Examples: []Example{
				{
					Expression: `FormatDateTime([extensionAttribute1], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")`,
					Given:      given("extensionAttribute1", "20150123105347.1Z"), Want: []string{"2015-01-23"},
				},
				{
					Expression: `FormatDateTime([extensionAttribute1], "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")`,
					Given:      given("extensionAttribute1", "20150123105347.1Z"), Want: []string{"2015-01-23"},
				},
				{Expression: `FormatDateTime("31.12.2020", , "dd.MM.yyyy", "yyyy-MM-ddTHH:mm:ssZ")`, Want: []string{"2020-12-31T00:00:00Z"}},
				{Expression: `FormatDateTime("2020-12-31 23", "AssumeUniversal, AdjustToUniversal", "yyyy-MM-dd HH", "o")`, Want: []string{"2020-12-31T23:00:00.0000000Z"}},
				{Expression: `FormatDateTime(CDate("2020-12-31"), , "M/d/yyyy h:mm:ss tt", "dddd, d MMMM")`, Want: []string{"Thursday, 31 December"}},
				{Expression: `FormatDateTime("2020-12-31", , "yyyyMMdd", "yyyy")`, Fails: "at character 5 the format expects MM"},
				{Expression: `FormatDateTime("2020", "Roundtrip", "yyyy", "yy")`, Fails: "did you mean RoundtripKind?"},
				{Expression: `FormatDateTime("2020", , "yyyy", )`, Fails: "outputFormat is missing"},
				{Expression: `FormatDateTime([hireDate], , "yyyy", "yy")`},
			},
			build: buildFormatDateTime,
		},
	}
}

// date evaluates the argument at i to a date. ok is false when it is null or an empty text.
func (c *call) date(s *state, i int) (v Value, ok bool, err error) {
	v, err = c.scalar(s, i)
	switch {
	case err != nil || v.IsEmpty():
		return Value{ignore: v.ignore}, false, err
	case v.kind != Time:
		return NullValue, false, c.failAt(i, "is %s (%s): expected a date; make one of a text with CDate(…) and of a number with DateFromNum(…)",
			c.quote(v.Text()), v.kind)
	}
	return v, true, nil
}

// readDate evaluates the argument at i to a date, reading it if it is a text.
func (c *call) readDate(s *state, i int) (v Value, ok bool, err error) {
	v, err = c.scalar(s, i)
	switch {
	case err != nil || v.IsEmpty():
		return Value{ignore: v.ignore}, false, err
	case v.kind == Time:
		return v, true, nil
	}
	t, err := parseDate(v.Text(), s.now)
	if err != nil {
		return NullValue, false, c.failAt(i, "is %s, which is not read as a date: %v; write it as 2020-03-16 or 2020-03-16T01:45:30Z, "+
			"or bring it into such a form with FormatDateTime", c.quote(v.Text()), c.hide(err))
	}
	return TimeOf(t), true, nil
}

// prepared returns how to get what an argument says after it was parsed. One written as a text is parsed here, once.
func prepared[T any](c *call, i int, parse func(string) (T, error)) (func(*state) (T, error), error) {
	if text, ok := c.constant(i); ok {
		fixed, err := parse(text)
		if err != nil {
			return nil, c.failAt(i, "%v", err)
		}
		return func(*state) (T, error) { return fixed, nil }, nil
	}
	return func(s *state) (T, error) {
		text, _, err := c.text(s, i)
		if err != nil {
			var none T
			return none, err
		}
		parsed, err := parse(text)
		if err != nil {
			return parsed, c.failAt(i, "%v", c.hide(err))
		}
		return parsed, nil
	}, nil
}

// formatHint tells the input format that a date needs.
func formatHint(v Value) string {
	if v.kind == Time {
		return `; the input format of a date is "M/d/yyyy h:mm:ss tt"`
	}
	return ""
}

func buildFormatDateTime(c *call) (code, error) {
	const source, stylesAt, short = 0, 1, 3
	in, out := 2, 3
	styles := func(*state) (dateStyles, error) { return defaultStyles, nil }
	var err error
	if len(c.args) == short {
		in, out = 1, 2
		hybrid := *c.function // errors name the parameters of this form
		hybrid.Params = []Param{hybrid.Params[0], hybrid.Params[2], hybrid.Params[3]}
		c.function = &hybrid
	} else if c.given(stylesAt) {
		if styles, err = prepared(c, stylesAt, parseDateStyles); err != nil {
			return nil, err
		}
	}
	if !c.given(in) {
		return nil, c.fail("inputFormat is missing: %s", c.function.Signature())
	}
	if !c.given(out) {
		return nil, c.fail("outputFormat is missing: %s", c.function.Signature())
	}
	input, err := prepared(c, in, parseDatePattern)
	if err != nil {
		return nil, err
	}
	output, err := prepared(c, out, parseDatePattern)
	if err != nil {
		return nil, err
	}
	return func(s *state) (Value, error) {
		v, err := c.scalar(s, source)
		if err != nil || v.IsEmpty() {
			return v, err
		}
		style, err := styles(s)
		if err != nil {
			return NullValue, err
		}
		from, err := input(s)
		if err != nil {
			return NullValue, err
		}
		to, err := output(s)
		if err != nil {
			return NullValue, err
		}
		m, err := from.read(v.Text(), style, s.now)
		if err != nil {
			return NullValue, c.failAt(source, "is %s, which is not read as a date in the input format: %v%s", c.quote(v.Text()), c.hide(err), formatHint(v))
		}
		return Str(to.format(m)), nil
	}, nil
}
