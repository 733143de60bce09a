package provisioning

import (
	"errors"

	"github.com/rollcall-id/rollcall/expression"
)

// Trial is the JSON of `app mapping try`: what an expression is for a real object (Microsoft Graph's parseExpression).
type Trial struct {
	Source    *TrialSource `json:"source,omitempty"` // nil: an object that is not in the directory
	Parsed    bool         `json:"parsingSucceeded"`
	Evaluated bool         `json:"evaluationSucceeded"`
	Result    []string     `json:"evaluationResult"` // null is empty, a list has its values
	Error     *TrialError  `json:"error"`
	Steps     []TrialStep  `json:"steps"`
	Fit       *TrialFit    `json:"target,omitempty"` // nil: no target attribute was named
	Notes     []string     `json:"notes,omitempty"`  // what is not as in a cycle
}

// TrialSource is whom an expression was tried on.
type TrialSource struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// TrialError says what is wrong with the expression, or went wrong in evaluating it.
type TrialError struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Position int    `json:"position"` // character, counted from 1
	Caret    string `json:"-"`        // the place in the text, for a terminal
}

// TrialStep is one part of the expression with its value.
type TrialStep struct {
	Expression string   `json:"expression"`
	Value      []string `json:"value"`
}

// TrialFit says whether a target attribute takes the value.
type TrialFit struct {
	Attribute string `json:"attribute"`
	Type      string `json:"type"`
	Fits      bool   `json:"fits"`
	Value     any    `json:"value"` // as it would be sent; null: nothing
	Message   string `json:"message,omitempty"`
}

// OK reports that the expression gave a value, and that it fits where that was asked.
func (t Trial) OK() bool { return t.Error == nil && (t.Fit == nil || t.Fit.Fits) }

func trialError(code string, err error) *TrialError {
	e := &TrialError{Code: code, Message: err.Error()}
	var at *expression.Error
	if errors.As(err, &at) {
		e.Message, e.Position, e.Caret = at.Message, at.Position, at.Caret()
	}
	return e
}

func values(v expression.Value) []string {
	if v.IsNull() {
		return []string{}
	}
	return v.List()
}
