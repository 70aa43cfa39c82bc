#!/usr/bin/env bash
# Long physics validation: compares whole runs with exact results and published numbers. Takes much longer than the tests.
#
#   ./scripts/validate.sh [--list] [NAME]...
#
#   --list   lists the validations and exits
#   NAME     runs only the validations whose name contains NAME; several may be given
#
# Runs the ignored tests of tests/validation.rs in the release build and shows what they print.
# Exit codes: 0 all passed, 64 wrong command line, 69 something is missing, else one failed.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

list=false
names=()
while [[ $# -gt 0 ]]; do
    case "$1" in
        -h | --help)
            print_help "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --list)
            list=true
            shift
            ;;
        -*) fail "$EXIT_USAGE" "Unknown option '$1'. See --help." ;;
        *)
            names+=("$1")
            shift
            ;;
    esac
done

ensure_packages
ensure_rust
mpi_environment
cd "$PROJECT_ROOT"
if $list; then
    cargo test --release --locked --test validation -- --ignored --list </dev/null | sed -n 's/: test$//p'
    exit 0
fi
build_program
# One after another: each uses all cores it wants, and its output stays together.
cargo test --release --locked --test validation -- --ignored --nocapture --test-threads=1 "${names[@]}" </dev/null
