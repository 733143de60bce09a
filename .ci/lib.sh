# shellcheck shell=bash
# Small helpers of .ci/run. Sourced, never run.

say() { printf '%s\n' "$*"; }

die() {
	printf '.ci/run: %s\n' "$*" >&2
	exit 1
}

# tools_dir is where this script keeps the programs it builds: the user's cache, so that they are built once and nothing is installed globally.
tools_dir() { printf '%s/rollcall/bin' "${XDG_CACHE_HOME:-$HOME/.cache}"; }

# tool NAME PACKAGE VERSION prints the path of a Go program at exactly that version, building it when the cache has none.
# It is built outside the module: a tool's dependencies are not the product's.
tool() {
	local name=$1 package=$2 version=$3 dir
	dir=$(tools_dir)/$name-$version
	if [ ! -x "$dir/$name" ]; then
		say "building $name $version" >&2
		mkdir -p "$dir"
		(cd "$CI_WORK" && GOFLAGS=-mod=mod GOBIN=$dir "$GO" install "$package@$version") >&2
	fi
	printf '%s/%s' "$dir" "$name"
}

# have_all COMMAND… says whether every command is on the path.
have_all() {
	local command
	for command in "$@"; do command -v "$command" >/dev/null || return 1; done
}

# apt_install PACKAGE… installs Debian packages. As somebody else than root it only says what is missing: a developer's machine is theirs.
apt_install() {
	[ "$(id -u)" -eq 0 ] || die "missing Debian packages: $* (install them, or run this as root)"
	have_all apt-get || die "missing: $* (this machine has no apt-get: install them by hand)"
	export DEBIAN_FRONTEND=noninteractive
	if [ ! -e "$CI_WORK/apt-updated" ]; then
		apt-get update -qq
		: >"$CI_WORK/apt-updated"
	fi
	apt-get install -y -qq --no-install-recommends "$@"
}

# go_files lists our Go files, committed or not, without what git ignores.
go_files() { git ls-files -co --exclude-standard '*.go' | while IFS= read -r f; do [ ! -e "$f" ] || printf '%s\n' "$f"; done; }
