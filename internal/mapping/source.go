package mapping

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
)

// attribute reads a source attribute without the detour over an expression: most rows are direct.
func attribute(env *expression.Env, name string) (expression.Value, error) {
	if env == nil || env.Source == nil {
		return expression.NullValue, errors.New("there is no object to read the attribute from")
	}
	v, known := env.Source.Attribute(name)
	if !known {
		return v, fmt.Errorf("unknown source attribute %q", name)
	}
	return v, nil
}

// compileValue checks where the value comes from.
func (r *row) compileValue(known Known, names []string) error {
	switch r.Kind {
	case Direct:
		return checkKnown(known, names, r.Value)
	case Constant:
		return r.compileConstant()
	case Expression:
		return r.compileExpression(known, names)
	}
	if r.Value != "" {
		return fmt.Errorf("the kind is %s, and there is a value %q: choose another kind, or remove the value", None, r.Value)
	}
	return nil
}

// extensionPrefix begins the names of Entra's directory extensions (spec/entra-provisioning.md 3.4).
const extensionPrefix = "extension_"

func checkKnown(known Known, names []string, name string) error {
	if strings.TrimSpace(name) == "" {
		return errors.New("the source attribute is missing: name one, such as displayName")
	}
	if !known(name) {
		if strings.HasPrefix(strings.ToLower(name), extensionPrefix) {
			return fmt.Errorf("unknown source attribute %q: it is a directory extension that this organization has not declared "+
				"(rollcall directory extension add)", name)
		}
		if nearest := expression.Nearest(name, names); nearest != "" {
			return fmt.Errorf("unknown source attribute %q; did you mean %s?", name, nearest)
		}
		return fmt.Errorf("unknown source attribute %q: check the spelling", name)
	}
	return nil
}

func (r *row) compileConstant() (err error) {
	if r.Type == Reference {
		return errors.New("a reference cannot be a constant: map the attribute that holds it")
	}
	if r.Value == "" {
		return errors.New("the constant is empty: write its text, or choose the kind none")
	}
	if r.fixed, err = r.convert(expression.Str(r.Value)); err != nil {
		return fmt.Errorf("the constant does not fit the target attribute: %w", err)
	}
	return nil
}

func (r *row) compileExpression(known Known, names []string) (err error) {
	if r.program, err = expression.Compile(r.Value); err == nil {
		err = r.program.Check(known, names...)
	}
	if err == nil {
		err = r.program.CheckResult(r.fits)
	}
	if err != nil {
		var e *expression.Error
		if errors.As(err, &e) {
			return fmt.Errorf("the expression is wrong at %w\n%s", err, e.Caret())
		}
		return err
	}
	if err := r.compileRoles(); err != nil {
		return err
	}
	if !r.program.Calls("SelectUniqueValue") {
		return nil
	}
	if r.Matching > 0 {
		return errors.New("SelectUniqueValue cannot be used for matching: it gives a value that no account has")
	}
	if r.Apply != OnlyOnCreate {
		return errors.New("SelectUniqueValue works only during object creation: apply the row only then")
	}
	return nil
}

// fits reports whether a value that the expression is known to give is one that the target attribute can have.
func (r *row) fits(v expression.Value) error {
	_, err := r.convert(v)
	return err
}

// compileDefault gives the default the target's type.
func (r *row) compileDefault() (err error) {
	switch {
	case r.Default == "" && r.WhenEmpty == UseDefault:
		return fmt.Errorf("whenEmpty is %s, and the row has no default: add one, or choose %s or %s", UseDefault, Leave, Clear)
	case r.Default == "":
		return nil
	case r.Type == Reference:
		return errors.New("a reference cannot have a default: there is no account it could point to")
	case len(r.Default) > maxDefault:
		return fmt.Errorf("the default has %d bytes: at most %d are allowed", len(r.Default), maxDefault)
	}
	if r.def, err = r.convert(expression.Str(r.Default)); err != nil {
		return fmt.Errorf("the default does not fit the target attribute: %w", err)
	}
	return nil
}
