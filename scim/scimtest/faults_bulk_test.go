package scimtest

import (
	"net/http"
	"slices"
)

// bulkFaults are services whose bulk requests go wrong.
func bulkFaults() []fault {
	each := func(change func(operation map[string]any)) func(http.Handler) http.Handler {
		return operations(func(list []any) []any {
			for _, v := range list {
				change(v.(map[string]any))
			}
			return list
		})
	}
	return []fault{
		{"bulk answers out of order", "Bulk/every method, in the order of the request", operations(func(list []any) []any {
			slices.Reverse(list)
			return list
		})},
		{"only failed operations answered", "Bulk/every method, in the order of the request", operations(func(list []any) []any {
			return slices.DeleteFunc(list, func(v any) bool { return at(v, "response") == nil })
		})},
		{"status of an operation as an object", "Bulk/every method, in the order of the request", each(func(o map[string]any) {
			o["status"] = map[string]any{"code": o["status"]}
		})},
		{"status of an operation as a number", "Bulk/every method, in the order of the request", each(func(o map[string]any) { o["status"] = 200 })},
		{"bulkId missing", "Bulk/every method, in the order of the request", each(func(o map[string]any) { delete(o, "bulkId") })},
		{"version missing", "Bulk/every method, in the order of the request", each(func(o map[string]any) { delete(o, "version") })},
		{"location missing", "Bulk/every method, in the order of the request", each(func(o map[string]any) { delete(o, "location") })},
		{"failures without a response", "Bulk/what succeeds has no response, what fails has no version", each(func(o map[string]any) { delete(o, "response") })},
		{"failOnErrors ignored", "Bulk/failOnErrors", requests(func(_ *http.Request, body map[string]any) bool {
			delete(body, "failOnErrors")
			return true
		})},
		{"version of an operation ignored", "Bulk/version is If-Match", requests(func(_ *http.Request, body map[string]any) bool {
			list, _ := body["Operations"].([]any)
			for _, v := range list {
				if o, ok := v.(map[string]any); ok {
					delete(o, "version")
				}
			}
			return true
		})},
		{"too many operations cut off", "Bulk/limits", requests(func(_ *http.Request, body map[string]any) bool {
			list, _ := body["Operations"].([]any)
			if len(list) <= 1000 {
				return false
			}
			body["Operations"] = list[:1000]
			return true
		})},
		{"operations in reverse, references or not", "Bulk/operations on one resource stay in order", requests(func(r *http.Request, body map[string]any) bool {
			list, _ := body["Operations"].([]any)
			if r.URL.Path == "/Bulk" {
				slices.Reverse(list)
			}
			return true
		})},
	}
}

// operations changes the operations that a bulk request is answered with.
func operations(change func(list []any) []any) func(http.Handler) http.Handler {
	return answers(func(r *http.Request, a *answer) {
		if list, ok := a.body["Operations"].([]any); ok && r.URL.Path == "/Bulk" {
			a.body["Operations"] = change(list)
		}
	})
}
