package scimclient_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// A client looks somebody up before it creates, and believes a filtered answer only as far as it fits the filter.
func Example() {
	service := httptest.NewServer(scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: &scimtest.Memory{}}))
	defer service.Close()
	base, err := url.Parse(service.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	client, err := scimclient.New(scimclient.Config{BaseURL: base})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	for _, name := range []string{"kim", "KIM"} {
		found, err := client.Find(ctx, "User", "userName", name)
		if err != nil {
			fmt.Println(err)
			return
		}
		if len(found) > 0 {
			fmt.Println(name, "is there as", found[0]["userName"])
			continue
		}
		created, err := client.Create(ctx, "User", scim.Resource{"userName": name, "active": true})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("created", created["userName"])
	}
	// Output:
	// created kim
	// KIM is there as kim
}
