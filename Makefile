# Names for what .ci/run does, and for building. There is one description of each check, and it is in .ci/: this file only calls it.

GO ?= go
export GO

.PHONY: help build install demo check fmt vet lint arch test full race fuzz vuln generated interop clean

help: ## this list
	@grep -hE '^[a-z ]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z ]+):[^#]*## /  \1\t/' | expand -t 44

build: ## bin/rollcall
	$(GO) build -trimpath -o bin/rollcall ./cmd/rollcall

install: ## rollcall into GOBIN
	$(GO) install -trimpath ./cmd/rollcall

demo: ## a company of 1,000 people, provisioned before your eyes
	$(GO) run ./cmd/rollcall demo

check: ## everything that CI checks, with nothing skipped (installs and starts what it needs)
	.ci/run

fmt: ## rewrite Go files as gofmt wants them
	git ls-files -co --exclude-standard '*.go' | xargs -r gofmt -w

vet lint arch race fuzz vuln generated: ## one step of .ci/run
	.ci/run $@

test: ## the tests that need nothing but Go
	.ci/run $@

full: ## the tests with PostgreSQL, Node, Python and Java, none skipped
	.ci/run packages postgres node python java test

interop: ## the tests with other people's SCIM services, suites and clients
	.ci/run postgres node python java interop

clean: ## what building left here
	rm -rf bin interop/scimmy/node_modules interop/python/.venv interop/java/target
