package scim

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxBulkText bounds bulkId, path, method and version of an operation in bytes: each comes back in the answer.
const maxBulkText = 2048

// Bulk is a decoded bulk request (RFC 7644 section 3.7).
type Bulk struct {
	FailOnErrors int // how many errors end it; 0: none do
	Operations   []BulkOperation
}

// BulkOperation is one operation of a bulk request. Texts are as they came.
type BulkOperation struct {
	Method  string
	BulkID  string
	Path    string
	Version string
	Data    []byte // JSON, a part of the decoded body; nil: none. Its own limits are checked by whoever decodes it
	Err     *Error // why the operation cannot be understood, which does not concern the others; nil: it can
}

// DecodeBulk reads a bulk request of at most so many operations; more are an *Error 413. What is wrong inside an operation, or inside its data, is the
// fault of that operation only, except for text that is no JSON. The error is an *Error.
func DecodeBulk(body []byte, most int, o DecodeOptions) (*Bulk, error) {
	// Names are compared here, in any letter case; those in data by whoever decodes it.
	d := bulkDecoder{
		body: body, most: most, normaliser: normaliser{report: o.Report},
		jsonReader: jsonReader{dec: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))},
	}
	if d.dec.PeekKind() != '{' {
		v, err := DecodeJSON(body)
		if err != nil {
			return nil, err
		}
		return nil, bad(InvalidSyntax, "the request body is %s; expected a JSON object", describe(v))
	}
	if err := d.message(); err != nil {
		return nil, err
	}
	if _, err := d.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, bad(InvalidSyntax, "the request body has text behind the JSON value that ends at byte %d; send exactly one value", d.dec.InputOffset())
	}
	if !d.right {
		return nil, bad(InvalidSyntax, "schemas of a bulk request must hold %s", URNBulkRequest)
	}
	if len(d.out.Operations) == 0 {
		return nil, bad(InvalidSyntax, "Operations is missing or empty; expected an array of at least one operation")
	}
	return &d.out, nil
}

type bulkDecoder struct {
	jsonReader
	normaliser
	body  []byte
	most  int
	right bool // schemas has the right URN
	out   Bulk
}

// raw reads the next value as the text that it has in the body.
func (d *bulkDecoder) raw() ([]byte, error) {
	v, err := d.dec.ReadValue()
	if err != nil {
		return nil, d.syntax(err)
	}
	end := d.dec.InputOffset()
	return d.body[end-int64(len(v)) : end], nil
}

// members reads an object, giving each member whose name is among those known, in any letter case, to use, which has to read the value. Others are
// skipped. twice is the name that came twice.
func (d *bulkDecoder) members(known []string, use func(name string) error) (twice string, err error) {
	if _, err := d.dec.ReadToken(); err != nil {
		return "", d.syntax(err)
	}
	seen := make(map[string]bool, len(known))
	for d.dec.PeekKind() != '}' {
		tok, err := d.dec.ReadToken()
		if err != nil {
			return "", d.syntax(err)
		}
		name, sent := "", tok.String()
		for _, k := range known {
			if strings.EqualFold(k, sent) {
				name = k
			}
		}
		if name == "" || seen[name] {
			if name != "" {
				twice = name
			} else {
				d.used(RuleUnknown)
			}
			if err := d.dec.SkipValue(); err != nil {
				return "", d.syntax(err)
			}
			continue
		}
		seen[name] = true
		d.named(sent, name)
		if err := use(name); err != nil {
			return "", err
		}
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return "", d.syntax(err)
	}
	return twice, nil
}

func (d *bulkDecoder) message() error {
	twice, err := d.members([]string{"schemas", "failOnErrors", "Operations"}, func(name string) error {
		if name == "Operations" {
			return d.operations()
		}
		text, err := d.raw()
		if err != nil {
			return err
		}
		v, err := DecodeJSON(text)
		if err != nil {
			return err
		}
		if name == "schemas" {
			d.right = d.namesBulk(v)
			return nil
		}
		d.out.FailOnErrors, err = failOnErrors(v)
		return err
	})
	if err == nil && twice != "" {
		return bad(InvalidSyntax, "the bulk request has %s twice; give each name once", twice)
	}
	return err
}

func (d *bulkDecoder) namesBulk(v any) bool {
	list, ok := v.([]any)
	if s, isText := v.(string); isText {
		d.used(RuleSingleForList)
		list, ok = []any{s}, true
	}
	for _, e := range list {
		if s, isText := e.(string); isText && strings.EqualFold(s, URNBulkRequest) {
			return ok
		}
	}
	return false
}

func failOnErrors(v any) (int, error) {
	if s, ok := v.(string); ok {
		if n, err := strconv.ParseInt(s, 10, 32); err == nil {
			v = n
		}
	}
	n, ok := v.(int64)
	switch {
	case v == nil:
		return 0, nil
	case !ok || n < 1:
		return 0, bad(InvalidValue, "failOnErrors is %s; expected the number of errors, 1 or more, that end the request. Leave it away to go on whatever fails",
			describe(v))
	}
	return int(min(n, 1<<30)), nil
}

func (d *bulkDecoder) operations() error {
	if d.dec.PeekKind() == '{' {
		d.used(RuleSingleForList)
		return d.operation()
	}
	if kind := d.dec.PeekKind(); kind != '[' {
		text, err := d.raw()
		if err != nil || string(text) == "null" {
			return err
		}
		return bad(InvalidSyntax, "Operations is not an array; expected an array of operations")
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return d.syntax(err)
	}
	for d.dec.PeekKind() != ']' {
		if len(d.out.Operations) == d.most {
			return Errorf(413, "",
				"the bulk request has more than %d operations (bulk.maxOperations of /ServiceProviderConfig); nothing was done. Send it in several requests", d.most)
		}
		if err := d.operation(); err != nil {
			return err
		}
	}
	if _, err := d.dec.ReadToken(); err != nil {
		return d.syntax(err)
	}
	return nil
}

// operation reads one operation. The error is one of the whole message.
func (d *bulkDecoder) operation() error {
	var op BulkOperation
	if d.dec.PeekKind() != '{' {
		if _, err := d.raw(); err != nil {
			return err
		}
		op.Err = bad(InvalidSyntax, "the operation is not an object; expected one with method, path and data")
		d.out.Operations = append(d.out.Operations, op)
		return nil
	}
	texts := map[string]*string{"method": &op.Method, "bulkId": &op.BulkID, "path": &op.Path, "version": &op.Version}
	twice, err := d.members([]string{"method", "bulkId", "path", "version", "data"}, func(name string) error {
		text, err := d.raw()
		if err != nil || string(text) == "null" {
			return err
		}
		if name == "data" {
			op.Data = text
			return nil
		}
		v, err := DecodeJSON(text)
		s, ok := v.(string)
		switch {
		case err != nil || !ok:
			op.fail(bad(InvalidSyntax, "%s of the operation is not a text; expected a JSON string", name))
		case len(s) > maxBulkText:
			op.fail(bad(InvalidValue, "%s of the operation is longer than %d bytes", name, maxBulkText))
		default:
			*texts[name] = s
		}
		return nil
	})
	if twice != "" {
		op.fail(bad(InvalidSyntax, "the operation has %s twice; give each name once", twice))
	}
	d.out.Operations = append(d.out.Operations, op)
	return err
}

// fail keeps the first error.
func (op *BulkOperation) fail(err *Error) {
	if op.Err == nil {
		op.Err = err
	}
}
