# shellcheck shell=bash
# The checks themselves, one function a step. Sourced by .ci/run.

GOLANGCI_VERSION=v2.15.0
GOVULNCHECK_VERSION=v1.9.0
TEST_TIMEOUT=15m # for one package, so that a test that hangs names itself long before CI's own limit
RACE_TIMEOUT=20m
FUZZ_BUDGET=1200 # seconds for all targets together, building included

step_fmt() {
	local files
	files=$(go_files | xargs -r -d '\n' gofmt -l)
	if [ -n "$files" ]; then
		say "not formatted (gofmt -w them):"
		say "$files"
		return 1
	fi
}

step_vet() { "$GO" vet ./...; }

# step_arch is a test like the others, run by itself first because its message explains most of what could go wrong later.
step_arch() { "$GO" test -count=1 -run '^TestArchitecture' ./internal/server; }

step_lint() {
	local lint
	lint=$(tool golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint "$GOLANGCI_VERSION")
	"$lint" run --timeout 15m ./...
}

# The README's second command, as it stands there.
step_test() { "$GO" test -timeout "$TEST_TIMEOUT" ./...; }

# step_sim lives through hundreds of companies to which everything happens that can go wrong; a failing seed names the command that replays it.
step_sim() { ROLLCALL_SIM_SEEDS=${ROLLCALL_SIM_SEEDS:-700} "$GO" test -count=1 -timeout "$TEST_TIMEOUT" -run '^TestSimulation' ./internal/provisioning; }

# The embedded SQLite is Go code too, and the race detector makes it about twelve times slower (measured: 20,000 inserts in 3.3 s instead of 0.25 s).
# -short leaves out tests that only do more of the same; step_test runs those.
step_race() { CGO_ENABLED=1 "$GO" test -race -short -timeout "$RACE_TIMEOUT" ./...; }

# step_fuzz runs each fuzz target for a few seconds. Seeds alone run in every `go test`; this looks a little beyond them.
step_fuzz() {
	local seconds=${FUZZ_SECONDS:-3} started=$SECONDS dir target count=0
	local dirs targets
	dirs=$(go_files | grep '_test\.go$' | xargs -r -d '\n' grep -l '^func Fuzz' | xargs -r -d '\n' dirname | sort -u) || true
	if [ -z "$dirs" ]; then
		say "no fuzz targets"
		return 0
	fi
	while IFS= read -r dir; do
		targets=$("$GO" test -list '^Fuzz' "./$dir" | grep '^Fuzz') || die "no fuzz target can be listed in $dir"
		for target in $targets; do
			if [ $((SECONDS - started)) -gt $FUZZ_BUDGET ]; then
				die "the $FUZZ_BUDGET s for fuzzing are over after $count targets, at $dir $target: give each less with FUZZ_SECONDS, or raise FUZZ_BUDGET"
			fi
			say "--- $dir $target, $seconds s"
			fuzz_one "$dir" "$target" "$seconds"
			count=$((count + 1))
		done
	done <<<"$dirs"
	say "$count fuzz targets, $seconds s each"
}

# fuzz_one prints the fuzzer's whole log only when it found something: a crash is worth every line, progress is worth one.
fuzz_one() {
	local log=$CI_WORK/fuzz.log
	if ! timeout 300 "$GO" test -run '^$' -fuzz "^$2\$" -fuzztime "$3s" "./$1" >"$log" 2>&1; then
		# On a busy machine the fuzzer may end its time with an error of its own, and no input to show for it. That is not a finding.
		if ! grep -q 'context deadline exceeded' "$log" || grep -qE 'Failing input|panic|DATA RACE' "$log"; then
			cat "$log"
			die "fuzz target $2 in $1 failed; an input it found is in $1/testdata/fuzz/$2: mend the code and commit the input as a seed"
		fi
	fi
	grep '^fuzz: elapsed' "$log" | tail -n 1
}

# step_vuln asks the vulnerability database, where there is one. It may be out of reach (it is neither a package registry nor ours), and then no
# statement is possible: that is said, and is no failure.
step_vuln() {
	local vulncheck database=() status=0
	vulncheck=$(tool govulncheck golang.org/x/vuln/cmd/govulncheck "$GOVULNCHECK_VERSION")
	if [ -n "${ROLLCALL_VULNDB:-}" ]; then database=(-db "$ROLLCALL_VULNDB"); fi
	# Asked about one small package first: 0 and 3 (something is known) are answers. A database that hangs counts as out of reach.
	timeout 60 "$vulncheck" "${database[@]}" -scan package ./internal/fault >"$CI_WORK/vuln.log" 2>&1 || status=$?
	if [ $status -eq 124 ] || grep -q 'fetching vulnerabilities' "$CI_WORK/vuln.log"; then
		say "SKIPPED: govulncheck cannot reach its database: $(grep -v '^\s*$' "$CI_WORK/vuln.log" | tail -n 1 | cut -c1-200)"
		say "         set ROLLCALL_VULNDB to the URL of a copy (file:///…) to check without a network"
		return 0
	fi
	if [ $status -ne 0 ] && [ $status -ne 3 ]; then
		cat "$CI_WORK/vuln.log"
		return 1
	fi
	"$vulncheck" "${database[@]}" ./...
}

# step_generated runs the generators and compares the tree before and after. It compares, rather than asking git for a clean tree, so that it
# also works on work in progress.
step_generated() {
	if ! go_files | xargs -r -d '\n' grep -l '^//go:generate' >"$CI_WORK/generators"; then
		say "nothing is generated"
		return 0
	fi
	tree_state >"$CI_WORK/before"
	"$GO" generate ./...
	tree_state >"$CI_WORK/after"
	if ! diff "$CI_WORK/before" "$CI_WORK/after"; then
		die "generated files were not current (left: before, right: after): run go generate ./... and commit the result"
	fi
}

# tree_state prints a checksum of every file that git knows or would add.
tree_state() { git ls-files -co --exclude-standard -z | sort -z | xargs -r -0 sha256sum 2>/dev/null || true; }

# step_interop is the part of `test` in which somebody else's SCIM service, suite or client is at the other end.
step_interop() {
	"$GO" test -list '^TestInterop' ./internal/server | grep -c '^Test' || die "internal/server has no TestInterop… any more: mend this step"
	"$GO" test -count=1 -v -run '^TestInterop' ./internal/server
}
