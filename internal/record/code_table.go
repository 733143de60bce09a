package record

// failureCodes are what the application at the other end answers, or fails to answer.
func failureCodes() []Code {
	return []Code{
		{"Conflict", "another account at the application has one of the values",
			"Change the value at the source or at the application, or check which attributes are matched.", NonServiceFailure, RetryEscrow},
		{"EntryConflict", "somebody else changes the same account at the same time",
			"Nothing, unless it goes on: then find out what else writes to the application.", NonServiceFailure, RetryEscrow},
		{"TooManyRequests", "the application limits requests",
			"Lower rate-limit with `rollcall app set`, or ask the application's vendor for a higher limit.", NonServiceFailure, RetryEscrow},
		{"InternalServerError", "the application failed by itself (status 500 and above)",
			"Nothing, unless it goes on: then give its vendor the traceparent of the record.", NonServiceFailure, RetryEscrow},
		{"Timeout", "the application was too slow to answer",
			"Nothing, unless it goes on: then lower concurrency with `rollcall app set`, or ask the application's vendor.", NonServiceFailure, RetryEscrow},
		{"WebExceptionProtocolError", "no connection to the application: name, network, certificate or HTTP",
			"Run `rollcall app test`: it names the step that fails.", NonServiceFailure, RetryEscrow},
		{"Unauthorized", "the application refuses the secret token",
			"Make a new token at the application and give it to `rollcall app connect`.", NonServiceFailure, RetryJob},
		{"InsufficientRights", "the token is known to the application and not allowed to do this",
			"Give the token's owner the right to read and write users and groups at the application.", NonServiceFailure, RetryEscrow},
		{"MethodNotAllowed", "the application does not offer this operation at its address",
			"Check the path of the tenant URL, and what the application supports; leave out the operation in the mapping.", NonServiceFailure, RetryEscrow},
		{"NotImplemented", "the application does not offer this operation",
			"Ask the application's vendor; leave out the operation in the mapping until then.", NonServiceFailure, RetryEscrow},
		{"UnprocessableEntity", "the application does not accept the request, or a value does not have the form its attribute takes",
			"Read the reason: it names the attribute. Correct the value at the source, or the row of the mapping.", NonServiceFailure, RetryEscrow},
		{"MandatoryFieldsMissing", "the application asks for an attribute that has no value",
			"Fill the attribute at the source, or map it with a default.", NonServiceFailure, RetryEscrow},
		{"SchemaAttributeNotFound", "the mapping names an attribute that the application does not have",
			"Correct the target attribute of the mapping row.", NonServiceFailure, RetryEscrow},
		{"SchemaPropertyCanOnlyAcceptValue", "the attribute takes one value, and the mapping gives several",
			"Map a single value, or turn multiValued off.", NonServiceFailure, RetryEscrow},
		{"InvalidDomain", "the application does not accept the domain of a name or an e-mail address",
			"Verify the domain at the application, or correct the value.", NonServiceFailure, RetryEscrow},
		{"LicenseLimitExceeded", "the application has no free licence",
			"Buy licences, or take some away from others; then nothing more has to be done.", NonServiceFailure, RetryEscrow},
		{"InvalidAnchor", "the account that was linked no longer exists at the application",
			"Nothing: it is looked for again, and made again where somebody should have one. If it exists, check that the application still shows it to this token.",
			NonServiceFailure, RetryEscrow},
		{"DuplicateTargetEntries", "several accounts have the matching value",
			"Remove the duplicates at the application, or match by another attribute.", NonServiceFailure, RetryEscrow},
		{"SystemForCrossDomainIdentityManagementServiceIncompatible", "the answer is not what a SCIM service answers",
			"Check the path of the tenant URL, then run `rollcall app test`; what it shows is for the application's vendor.", NonServiceFailure, RetryEscrow},
		{"InternalError", "Rollcall could not make the request", "If it goes on, report it with the record.", ServiceFailure, RetryEscrow},
	}
}

// sourceCodes are what is wrong at this end: the data, the mapping, the scoping filter.
func sourceCodes() []Code {
	return []Code{
		{"DuplicateSourceEntries", "two people or groups ask for the same account",
			"Give one of them another matching value.", NonServiceFailure, RetryEscrow},
		{"InvalidMapping", "a row of the mapping cannot be evaluated for this object",
			"Try the row with `rollcall app mapping try`, then correct it or the value at the source.", NonServiceFailure, RetryEscrow},
		{"InvalidScopingFilter", "the scoping filter cannot judge this object; its account is left as it is",
			"Try the filter with `rollcall app scope-test`, then correct it or the value at the source.", NonServiceFailure, RetryEscrow},
		{"MissingValues", "the application asks for attributes that are empty; the account was written without them",
			"Fill the attribute at the source, or map it with a default.", NonServiceFailure, ""},
		{"UnableToResolveReferenceAttributeValue", "a manager or member has no account at the application yet",
			"Nothing, if they will get one; otherwise assign them.", NonServiceFailure, RetryCalled},
	}
}

// skipCodes are reasons to leave something alone. None of them is a failure.
func skipCodes() []Code {
	return []Code{
		{"RedundantExport", "the account is as it should be", "", "", ""},
		{"NotEffectivelyEntitled", "not assigned, or not in the scope of the application",
			"Assign them, or change the scoping filter, if they should have an account.", "", ""},
		{"EntrySynchronizationSkipped", "nothing is to be done: the object has no account, or its account is as it should be for somebody who left", "", "", ""},
		{"InputFilter", "an input filter leaves the object alone", "Change the input filter, if the object should be provisioned.", "", ""},
		{"ImportSkipped", "every matching attribute is empty, so an account can neither be found nor made", "Fill a matching attribute at the source.", "", ""},
		{"CreateDisabled", "no account matches, and the mapping makes none", "Allow the mapping to create, if it should.", "", ""},
		{"UpdateDisabled", "the account differs, and the mapping changes none", "Allow the mapping to update, if it should.", "", ""},
		{"DeleteDisabled", "the account should go, and the mapping deletes none", "Allow the mapping to delete, if it should.", "", ""},
		{"SkipOutOfScopeDeletions", "out of scope, and the application is set to leave such accounts alone",
			"Set skip-out-of-scope-deletions=off, if they should go.", "", ""},
		{"AppendOnly", "the application is set to never take anything away", "Set append-only=off, if accounts should be disabled and values removed.", "", ""},
		{"TooManyDeletes", "held: more accounts would be disabled or deleted at once than the threshold allows, or somebody rejected it",
			"See who with `rollcall app held`, then answer with `rollcall app decide`.", "", RetryCycle},
		{"LinkBroken", "somebody broke the link to the account, which was not touched", "Nothing: the next cycle looks for an account by matching.", "", RetryCycle},
	}
}

// jobCodes end a whole cycle.
func jobCodes() []Code {
	return []Code{
		{"TooManyFailures", "too large a part of the objects failed",
			"See what they have in common with `rollcall app log --status failure`, and mend that first.", NonServiceFailure, RetryJob},
	}
}
