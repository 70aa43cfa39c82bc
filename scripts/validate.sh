#!/usr/bin/env bash
# Long physics validation: compares whole runs with exact results and published numbers. Takes much longer than the tests.
#
#   ./scripts/validate.sh [--list] [NAME]...
#
#   --list   lists the validations and exits
#   NAME     runs only this validation; several may be given
#
# Runs examples/validate.rs in the release build; takes tens of minutes on two cores.
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

if $list; then
    printf '%s\n' heisenberg-ferromagnet ising-ferromagnet spin-ice-entropy pinch-point
    exit 0
fi
ensure_packages
ensure_rust
mpi_environment
cd "$PROJECT_ROOT"
build_program
cargo run --release --locked --example validate -- "${names[@]}" </dev/null
