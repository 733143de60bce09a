package provisioning_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// BenchmarkInitialCycle creates 2,000 people with managers and a group of all of them, over loopback HTTP on SQLite.
func BenchmarkInitialCycle(b *testing.B) {
	const people = 2000
	for range b.N {
		b.StopTimer()
		w := benchWorld(b, people)
		b.StartTimer()
		r, err := w.cycle(provisioning.Options{})
		if err != nil || r.Created != people+1 {
			b.Fatalf("%+v, %v", r.Tally, err)
		}
		b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
	}
}

// BenchmarkIncrementalCycle changes one person of 2,000.
func BenchmarkIncrementalCycle(b *testing.B) {
	w := benchWorld(b, 2000)
	if _, err := w.cycle(provisioning.Options{}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		b.StopTimer()
		w.change("p0007@x.example", map[string]string{"jobTitle": fmt.Sprint(i)})
		b.StartTimer()
		if r, err := w.cycle(provisioning.Options{}); err != nil || r.Updated != 1 {
			b.Fatalf("%+v, %v", r.Tally, err)
		}
	}
}

func benchWorld(b testing.TB, people int) *world {
	b.Helper()
	w := newWorld(b, storetest.Open(b, storetest.SQLite(b)), "scim")
	var ids []string
	w.write(func(ctx context.Context, dw *directory.Writer) error {
		ids = nil
		for i := range people {
			r := scim.Resource{"userName": fmt.Sprintf("p%04d@x.example", i), "displayName": "Person", "title": "Engineer"}
			if i > 0 {
				if err := directory.SetAttribute(r, directory.User, "manager", ids[i/10]); err != nil {
					return err
				}
			}
			o, err := dw.Create(ctx, directory.User, r, nil)
			if err != nil {
				return err
			}
			ids = append(ids, o.ID)
		}
		_, err := dw.Create(ctx, directory.Group, scim.Resource{"displayName": "Everybody"}, ids)
		return err
	})
	w.assign("Everybody", "", true)
	w.app.Settings.Concurrency = 0
	w.save()
	return w
}

// BenchmarkTurn is an incremental cycle of a filter that counts from now: it judges 20,000 people twice although nothing changed.
func BenchmarkTurn(b *testing.B) {
	const people = 20_000
	w := benchWorld(b, people)
	w.must(w.app.SetFilters(directory.User, []byte(`{"groups":[{"name":"employed","clauses":[
		{"operatorName":"IS NOT NULL","sourceOperandName":"displayName"},
		{"operatorName":"Before","sourceOperandName":"employeeLeaveDateTime","targetOperand":{"values":["now"]}}]}]}`)))
	w.save()
	if _, err := w.cycle(provisioning.Options{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		w.wait(time.Minute)
		if r, err := w.cycle(provisioning.Options{}); err != nil || r.Evaluated != 0 {
			b.Fatalf("%+v, %v", r.Tally, err)
		}
	}
	b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
}
