package record

// Detail is a record with what is known beside it: whose it is, and what its code means. Nothing of it is stored, so an old record has the advice of today.
type Detail struct {
	Record

	JobID         string   `json:"jobId"` // an application has one job, with its id
	App           Identity `json:"application"`
	SourceSystem  Identity `json:"sourceSystem"` // the organization
	TargetSystem  Identity `json:"targetSystem"` // the application's tenant URL
	ErrorCategory Category `json:"errorCategory"`
	Recommended   string   `json:"recommendedAction"`
}

// Systems are the two ends of an application's provisioning.
type Systems struct{ App, Source, Target Identity }

// Detail adds to a record what is known beside it. Advice is for what did not succeed.
func (s Systems) Detail(r Record) Detail {
	d := Detail{Record: r, JobID: s.App.ID, App: s.App, SourceSystem: s.Source, TargetSystem: s.Target}
	if d.InitiatedBy.Type == "" { // from before it was kept
		d.InitiatedBy.Type = "system"
	}
	if c, ok := CodeNamed(r.ErrorCode); ok && r.Status != Success {
		d.Recommended = c.Advice
		if r.Status == Failure {
			d.ErrorCategory = c.Category
		}
	}
	return d
}
