package expression

// dateFunctions calculate with dates.
func dateFunctions() []Function {
	intervals := Param{Name: "interval", Type: Text, Doc: "yyyy year, m month, ww week, d day, h hour, n minute, s second"}
	return append([]Function{
		{
			Name:   "Now",
			Result: Date,
			Varies: true,
			Doc:    "The current date and time in UTC.",
			Examples: []Example{
				{Expression: `Now()`, Matches: `^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M$`},
				{Expression: `DateDiff("d", Now(), Now())`, Want: []string{"0"}},
			},
			build: func(*call) (code, error) {
				return func(s *state) (Value, error) { return TimeOf(s.now()), nil }, nil
			},
		},
		{
			Name:   "DateAdd",
			Params: []Param{intervals, {Name: "value", Type: Whole}, {Name: "dateTime", Type: Date}},
			Result: Date,
			Doc: "The date plus so many intervals, minus them for a negative value. Months and years keep the day of the month, or take the last one where the " +
				"month is shorter. A date written as a text must stand in CDate. Null when the date is null.",
			Examples: []Example{
				{Expression: `DateAdd("d", 7, CDate("2012-03-16-07:00"))`, Want: []string{"3/23/2012 7:00:00 AM"}},
				{Expression: `DateAdd("d", -10, CDate("2012-03-16-07:00"))`, Want: []string{"3/6/2012 7:00:00 AM"}},
				{Expression: `DateAdd("ww", 2, CDate("2012-03-16-07:00"))`, Want: []string{"3/30/2012 7:00:00 AM"}},
				{Expression: `DateAdd("m", 10, CDate("2012-03-16-07:00"))`, Want: []string{"1/16/2013 7:00:00 AM"}},
				{Expression: `DateAdd("yyyy", 2, CDate("2012-03-16-07:00"))`, Want: []string{"3/16/2014 7:00:00 AM"}},
				{Expression: `DateAdd("m", 1, CDate("2024-01-31"))`, Want: []string{"2/29/2024 12:00:00 AM"}},
				{Expression: `DateAdd("yyyy", 8000, CDate("2024-01-31"))`, Fails: "outside the years 1 to 9999"},
				{Expression: `DateAdd("d", 1, "2024-01-31")`, Fails: "expected a date, as CDate(…) makes it"},
				{Expression: `DateAdd("d", 1, [hireDate])`, Given: given("hireDate", "2024-01-31"), Fails: "make one of a text with CDate(…)"},
				{Expression: `DateAdd("days", 1, Now())`, Fails: "expected yyyy (years)"},
				{Expression: `DateAdd("d", 1, [hireDate])`},
			},
			build: buildDateAdd,
		},
		{
			Name:   "DateDiff",
			Params: []Param{intervals, {Name: "date1", Type: Date}, {Name: "date2", Type: Date}},
			Result: Whole,
			Doc: "How many intervals date2 is later than date1; negative when it is earlier. Days, hours, minutes and seconds count only when they are whole. " +
				"Weeks (from Sunday), months and years are counted on the calendar. Null when a date is null.",
			Examples: dateDiffExamples(),
			build:    buildDateDiff,
		},
		{
			Name:   "DateFromNum",
			Params: []Param{{Name: "value", Type: Whole}},
			Result: Date,
			Doc:    "The date of a number as Active Directory stores it: 100 nanoseconds since the beginning of 1601, UTC. Null when the number is null.",
			Examples: []Example{
				{Expression: `DateFromNum(129699324000000000)`, Want: []string{"1/1/2012 11:00:00 PM"}},
				{Expression: `DateFromNum([accountExpires])`, Given: given("accountExpires", "9223372036854775807"), Fails: "stands for never"},
				{Expression: `DateFromNum(-1)`, Fails: "the beginning of 1601"},
				{Expression: `DateFromNum([accountExpires])`},
			},
			build: buildDateFromNum,
		},
		{
			Name:   "NumFromDate",
			Params: []Param{{Name: "value", Type: Text, Doc: "a date, or a text that CDate can read"}},
			Result: Whole,
			Doc:    "The number by which Active Directory stores a date: 100 nanoseconds since the beginning of 1601, UTC. Null when the date is null or empty.",
			Examples: []Example{
				{Expression: `NumFromDate("2012-01-01T23:00:00Z")`, Want: []string{"129699324000000000"}},
				{Expression: `NumFromDate(DateFromNum(129699324000000001))`, Want: []string{"129699324000000001"}},
				{
					Expression: `NumFromDate(Join("", FormatDateTime([ContractEndDate], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))`,
					Given:      given("ContractEndDate", "2020-12-31-08:00"), Want: []string{"132539615990000000"},
				},
				{Expression: `NumFromDate("1600-12-31")`, Fails: "begins with the year 1601"},
				{Expression: `NumFromDate([ContractEndDate])`},
			},
			build: buildNumFromDate,
		},
	}, dateTextFunctions()...)
}

func dateDiffExamples() []Example {
	const active = `Switch([Active], , "1", IIF(DateDiff("d", Now(), CDate([StatusHireDate])) > 5, "False", "True"), "0", "False")`
	const begin, end = `CDate("8/25/2021 5:41:18 PM")`, `CDate("2012-03-16-07:00")`
	return []Example{
		{Expression: `DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-31+08:00"))`, Want: []string{"13"}},
		{Expression: `DateDiff("d", ` + begin + `, ` + end + `)`, Want: []string{"-3449"}},
		{Expression: `DateDiff("ww", ` + begin + `, ` + end + `)`, Want: []string{"-493"}},
		{Expression: `DateDiff("m", ` + begin + `, ` + end + `)`, Want: []string{"-113"}},
		{Expression: `DateDiff("yyyy", ` + begin + `, ` + end + `)`, Want: []string{"-9"}},
		{Expression: `DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-18+08:00"))`, Want: []string{"0"}},
		{Expression: `DateDiff("h", CDate("2021-08-24"), CDate("2021-08-25"))`, Want: []string{"24"}},
		{Expression: `DateDiff("n", CDate("2021-08-24"), CDate("2021-08-25"))`, Want: []string{"1440"}},
		{Expression: `DateDiff("s", CDate("2021-08-24"), CDate("2021-08-25"))`, Want: []string{"86400"}},
		{Expression: active, Given: given("Active", "1", "StatusHireDate", "2009-01-01"), Want: []string{"True"}},
		{Expression: active, Given: given("Active", "1", "StatusHireDate", "9000-01-01"), Want: []string{"False"}},
		{Expression: `DateDiff("d", [hireDate], Now())`},
	}
}

// interval returns how to get the interval, the first argument. One written as a text is checked before any evaluation.
func (c *call) interval() (func(*state) (interval, error), error) {
	return prepared(c, 0, parseInterval)
}

func buildDateAdd(c *call) (code, error) {
	unit, err := c.interval()
	if err != nil {
		return nil, err
	}
	return func(s *state) (Value, error) {
		i, err := unit(s)
		if err != nil {
			return NullValue, err
		}
		n, err := c.needInteger(s, 1)
		if err != nil {
			return NullValue, err
		}
		v, ok, err := c.date(s, 2)
		if err != nil || !ok {
			return v, err
		}
		return addDate(v, i, n)
	}, nil
}

func buildDateDiff(c *call) (code, error) {
	unit, err := c.interval()
	if err != nil {
		return nil, err
	}
	return func(s *state) (Value, error) {
		i, err := unit(s)
		if err != nil {
			return NullValue, err
		}
		a, ok, err := c.date(s, 1)
		if err != nil || !ok {
			return a, err
		}
		b, ok, err := c.date(s, 2)
		if err != nil || !ok {
			return b, err
		}
		return Int(dateDiff(i, a, b)), nil
	}, nil
}

func buildDateFromNum(c *call) (code, error) {
	return func(s *state) (Value, error) {
		n, ok, err := c.integer(s, 0)
		if err != nil || !ok {
			return NullValue, err
		}
		v, err := dateFromFileTime(n)
		if err != nil {
			return NullValue, c.failAt(0, "%v", c.hide(err))
		}
		return v, nil
	}, nil
}

func buildNumFromDate(c *call) (code, error) {
	return func(s *state) (Value, error) {
		v, ok, err := c.readDate(s, 0)
		if err != nil || !ok {
			return v, err
		}
		n, err := fileTime(v)
		if err != nil {
			return NullValue, c.failAt(0, "%v", c.hide(err))
		}
		return Int(n), nil
	}, nil
}
