package scimfake

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim/scimclient"
)

func scimError(status int, scimType, detail string) *httptest.ResponseRecorder {
	m := map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": strconv.Itoa(status), "detail": detail}
	if scimType != "" {
		m["scimType"] = scimType
	}
	return answer(status, m)
}

func answer(status int, v any) *httptest.ResponseRecorder {
	res := httptest.NewRecorder()
	res.Header().Set("Content-Type", "application/scim+json")
	res.Code = status
	if err := json.NewEncoder(res.Body).Encode(v); err != nil {
		res.Code = http.StatusInternalServerError
	}
	return res
}

func page(html string) *httptest.ResponseRecorder {
	res := httptest.NewRecorder()
	res.Header().Set("Content-Type", "text/html; charset=utf-8")
	res.Body.WriteString(html)
	return res
}

// rewrite falsifies an honest answer; one that it does not concern is returned as it is.
func rewrite(f Fault, res *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	var m map[string]any
	if res.Code != http.StatusOK && res.Code != http.StatusCreated || json.Unmarshal(res.Body.Bytes(), &m) != nil {
		return res
	}
	list, isList := m["Resources"].([]any)
	_, hasTotal := m["totalResults"]
	isList = isList || hasTotal
	switch f {
	case NotFoundForEmpty:
		if isList && len(list) == 0 {
			return scimError(http.StatusNotFound, "", "not found")
		}
		return res
	case HideMembers:
		delete(m, "members")
		for _, e := range list {
			if r, ok := e.(map[string]any); ok {
				delete(r, "members")
			}
		}
	case OddJSON:
		if isList {
			m = oddList(list)
		} else {
			oddResource(m)
		}
	}
	out := answer(res.Code, m)
	for k, v := range res.Header() {
		if k != "Content-Length" {
			out.Header()[k] = v
		}
	}
	return out
}

func oddList(list []any) map[string]any {
	m := map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}, "resources": nil}
	for _, e := range list {
		if r, ok := e.(map[string]any); ok {
			oddResource(r)
		}
	}
	if len(list) > 0 {
		m["resources"] = list
	}
	return m
}

// oddResource writes active as text and the first letter of names in upper case, and adds nulls.
func oddResource(r map[string]any) {
	if b, ok := r["active"].(bool); ok {
		r["active"] = strings.ToUpper(strconv.FormatBool(b)[:1]) + strconv.FormatBool(b)[1:]
	}
	if name, ok := r["userName"]; ok {
		delete(r, "userName")
		r["UserName"] = name
	}
	r["nickName"] = nil
}

// strictly is StrictElements: it reads the resource first.
func (t *Target) strictly(req *http.Request, body []byte) *httptest.ResponseRecorder {
	var patch struct {
		Operations []struct{ Op, Path string }
	}
	get := req.Clone(req.Context())
	get.Method = http.MethodGet
	current := t.ask(get, nil)
	var m map[string]any
	if json.Unmarshal(body, &patch) != nil || json.Unmarshal(bytes.TrimSpace(current.Body.Bytes()), &m) != nil {
		return t.ask(req, body)
	}
	for _, o := range patch.Operations {
		p, err := scimclient.Schemas{}.ParsePath(o.Path)
		if err == nil && p.Filtered() && strings.EqualFold(o.Op, "replace") && !p.Picks(m) {
			return scimError(http.StatusBadRequest, "noTarget", "no element of "+p.Attribute()+" matches the path "+o.Path)
		}
	}
	return t.ask(req, body)
}
