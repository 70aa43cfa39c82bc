#!/usr/bin/env bash
# Installs what is missing, builds vitrum, and runs every test, also under mpirun on several ranks.
#
#   ./scripts/test.sh [--quick]
#
#   --quick   formatting and unit tests only: no lints, no tests that start mpirun
#
# Stages: format (cargo fmt --check), build, lints (cargo clippy, warnings are errors), test build, tests. It stops at the
# first stage that fails and exits with that stage's code. Formatting and lints are skipped where the tools are not
# installed. Each stage has a time limit in seconds, which VITRUM_BUILD_TIMEOUT (3600) and VITRUM_TEST_TIMEOUT (3600) set.
# Exit codes: 0 all passed, 64 wrong command line, 69 something is missing, 124 a stage ran out of time, else the stage's.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

quick=false
while [[ $# -gt 0 ]]; do
    case "$1" in
        -h | --help)
            print_help "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --quick)
            quick=true
            shift
            ;;
        *) fail "$EXIT_USAGE" "Unknown argument '$1'. See --help." ;;
    esac
done
build_timeout="${VITRUM_BUILD_TIMEOUT:-3600}"
test_timeout="${VITRUM_TEST_TIMEOUT:-3600}"

summary=()
begun="$EPOCHREALTIME"
print_summary() {
    say ""
    printf '    %s\n' "${summary[@]}"
}

# stage NAME LIMIT_SECONDS COMMAND...
stage() {
    local name="$1" limit="$2" started="$EPOCHREALTIME" code=0 seconds
    shift 2
    say ""
    say "== $name: $*"
    timeout --kill-after=30 "$limit" "$@" </dev/null || code=$?
    seconds="$(seconds_since "$started")"
    if [[ $code -eq 0 ]]; then
        summary+=("$(printf '%-12s %10s s   passed' "$name" "$seconds")")
        say "== $name: passed in $seconds s"
        return 0
    fi
    if [[ $code -eq 124 || $code -eq 137 ]]; then
        summary+=("$(printf '%-12s %10s s   ran out of its %s s' "$name" "$seconds" "$limit")")
    else
        summary+=("$(printf '%-12s %10s s   FAILED with code %s' "$name" "$seconds" "$code")")
    fi
    print_summary
    say "FAILED: $name. The reason is above."
    exit "$code"
}

skip() {
    summary+=("$(printf '%-12s %10s     skipped: %s' "$1" - "$2")")
    say "== $1: skipped, $2"
}

ensure_packages
ensure_lammps
ensure_rust
mpi_environment
cd "$PROJECT_ROOT"

if cargo fmt --version >/dev/null 2>&1; then
    stage format 300 cargo fmt --check
else
    skip format "cargo fmt is not installed"
fi
stage build "$build_timeout" cargo build --release --locked
if $quick; then
    skip lints "not part of --quick"
elif cargo clippy --version >/dev/null 2>&1; then
    stage lints "$build_timeout" cargo clippy --release --locked --all-targets -- -D warnings
else
    skip lints "cargo clippy is not installed"
fi
tests=(cargo test --release --locked)
if $quick; then
    tests+=(--lib --bins)
fi
stage "test build" "$build_timeout" "${tests[@]}" --no-run
stage tests "$test_timeout" "${tests[@]}"

print_summary
say "All stages passed in $(seconds_since "$begun") s."
