# shellcheck shell=bash
# What the tests need from outside: packages, a PostgreSQL server of our own, the third-party SCIM service. Sourced by .ci/run.

NODE_MINIMUM=18
PYTHON_MINIMUM=3.11
JAVA_MINIMUM=17

# pg_bin prints the newest Debian PostgreSQL's directory of programs; initdb and pg_ctl are not on the path there.
pg_bin() {
	local dir
	dir=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -type d -name bin 2>/dev/null | sort -V | tail -n 1)
	if [ -z "$dir" ] && have_all initdb pg_ctl; then dir=$(dirname "$(command -v initdb)"); fi
	printf '%s' "$dir"
}

node_is_enough() { have_all node npm && [ "$(node -p 'parseInt(process.versions.node)')" -ge "$NODE_MINIMUM" ]; }

# python_is_enough says whether Python can make a virtual environment with pip in it: Debian has that in a package of its own.
python_is_enough() {
	have_all python3 && python3 -c "import ensurepip, sys, venv; sys.exit(sys.version_info < tuple(map(int, '$PYTHON_MINIMUM'.split('.'))))" 2>/dev/null
}

# java_is_enough says whether there is Maven, and a compiler for it that is new enough.
java_is_enough() {
	have_all javac mvn && [ "$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')" -ge "$JAVA_MINIMUM" ]
}

step_packages() {
	local missing=()
	have_all git || missing+=(git)
	have_all gcc || missing+=(gcc libc6-dev) # the race detector links with it
	[ -n "$(pg_bin)" ] || missing+=(postgresql)
	node_is_enough || missing+=(nodejs npm)
	python_is_enough || missing+=(python3 python3-venv)
	java_is_enough || missing+=(default-jdk-headless maven)
	if [ ${#missing[@]} -gt 0 ]; then apt_install "${missing[@]}"; fi
	"$GO" version
	"$(pg_bin)/postgres" --version
	say "node $(node --version), npm $(npm --version)"
	node_is_enough || die "node is $(node --version); the third-party SCIM service needs $NODE_MINIMUM or newer"
	python_is_enough || die "$(python3 --version) cannot make virtual environments or is older than $PYTHON_MINIMUM, which the Python suites need"
	java_is_enough || die "$(javac -version 2>&1) is older than $JAVA_MINIMUM, which the Java clients need, or Maven is missing"
}

# as_postgres runs a command as a user that PostgreSQL accepts: it refuses root.
as_postgres() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

# step_postgres starts a private cluster on a free port of loopback and says where it is in ROLLCALL_TEST_POSTGRES.
step_postgres() {
	local bin data password port
	bin=$(pg_bin)
	[ -n "$bin" ] || die "no PostgreSQL on this machine: run .ci/run packages first"
	data=$(mktemp -d)
	printf '%s' "$data" >"$CI_WORK/postgres-data"
	password=$(od -An -tx1 -N16 /dev/urandom | tr -d ' \n')
	printf '%s\n' "$password" >"$data/password"
	if [ "$(id -u)" -eq 0 ]; then chown -R postgres "$data"; fi

	as_postgres "$bin/initdb" -D "$data/cluster" -U postgres -E UTF8 --locale=C.UTF-8 \
		-A scram-sha-256 --pwfile="$data/password" --no-sync >"$CI_WORK/initdb.log" 2>&1 || { cat "$CI_WORK/initdb.log"; return 1; }
	# Nothing here outlives the run, so nothing needs to reach the disk.
	as_postgres sh -c "cat >>'$data/cluster/postgresql.conf'" <<-'CONF'
		listen_addresses = '127.0.0.1'
		unix_socket_directories = ''
		max_connections = 300
		fsync = off
		full_page_writes = off
	CONF
	port=$(start_postgres "$bin" "$data")
	printf 'export ROLLCALL_TEST_POSTGRES=%q\n' "postgres://postgres:$password@127.0.0.1:$port/postgres?sslmode=disable" >>"$CI_ENV"
	require postgres
	say "PostgreSQL listens on 127.0.0.1:$port"
}

# start_postgres BIN DATA tries ports until the server holds one: a port seen free may be taken a moment later, so only the start itself is proof.
start_postgres() {
	local bin=$1 data=$2 port try
	for try in 1 2 3 4 5 6 7 8; do
		port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
		if as_postgres "$bin/pg_ctl" -D "$data/cluster" -l "$data/log" -o "-p $port" -w -t 60 start >/dev/null 2>&1; then
			printf '%s' "$port"
			return 0
		fi
	done
	tail -n 20 "$data/log" >&2
	die "PostgreSQL did not start in $try attempts; its log is above"
}

# stop_postgres ends what step_postgres started, also when the run is interrupted.
stop_postgres() {
	local data
	[ -e "$CI_WORK/postgres-data" ] || return 0
	data=$(cat "$CI_WORK/postgres-data")
	if [ -e "$data/cluster/postmaster.pid" ]; then
		as_postgres "$(pg_bin)/pg_ctl" -D "$data/cluster" -m immediate -w stop >/dev/null 2>&1
	fi
	rm -rf "$data"
}

# step_node installs the third-party SCIM service of interop/scimmy into its own folder, exactly as its lock file says.
step_node() {
	node_is_enough || die "node $NODE_MINIMUM or newer with npm is missing: run .ci/run packages first"
	if grep -n '"resolved"' interop/scimmy/package-lock.json; then
		die "interop/scimmy/package-lock.json names a registry: npm must run inside that folder, where .npmrc keeps such addresses out"
	fi
	(cd interop/scimmy && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
	require node
}

# step_python installs the Python suites of interop/python into its own folder, exactly the files whose checksums requirements.txt names.
step_python() {
	local dir=interop/python
	python_is_enough || die "Python $PYTHON_MINIMUM or newer with venv is missing: run .ci/run packages first"
	if ! cmp -s "$dir/requirements.txt" "$dir/.venv/installed"; then
		rm -rf "$dir/.venv"
		python3 -m venv "$dir/.venv"
		"$dir/.venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r "$dir/requirements.txt"
		"$dir/.venv/bin/pip" check
		cp "$dir/requirements.txt" "$dir/.venv/installed"
	fi
	require python
}

# step_java compiles the tests of interop/java into its target folder and has Maven fetch all that running them takes into its own cache, so that
# the tests themselves run without a network: only a test run, if of no method at all, fetches what runs tests. -C: a file whose checksum is wrong is an error.
step_java() {
	local dir=interop/java
	java_is_enough || die "Java $JAVA_MINIMUM or newer with Maven is missing: run .ci/run packages first"
	rm -f "$dir/target/ready"
	mvn -B -q -C -f "$dir/pom.xml" clean test '-Dtest=PingGroupTest#none' -Dsurefire.failIfNoSpecifiedTests=false
	: >"$dir/target/ready"
	require java
}

# require NAME forbids later steps to skip the tests that need NAME.
require() {
	case ",${ROLLCALL_REQUIRE:-}," in
	*,"$1",*) ;;
	*) printf 'export ROLLCALL_REQUIRE=%q\n' "${ROLLCALL_REQUIRE:+$ROLLCALL_REQUIRE,}$1" >>"$CI_ENV" ;;
	esac
}
