#!/usr/bin/env bash
# Kills running jobs at random moments, restarts them, and checks that the results are the same bit for bit.
#
#   ./scripts/torture.sh [--kills N] [--seed S]
#
#   --kills N   number of kills of a run of lattices, and of one of moving atoms; default 200
#   --seed S    seed that decides when and how jobs are killed; default 1. The same seed makes the same choices.
#
# Exit codes: 0 all restarts gave identical results, 64 wrong command line, 69 something is missing, else one differed.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

kills=200
seed=1
while [[ $# -gt 0 ]]; do
    case "$1" in
        -h | --help)
            print_help "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --kills)
            need_value "$1" $#
            need_whole_number "$1" "$2"
            kills="$2"
            shift 2
            ;;
        --seed)
            need_value "$1" $#
            [[ "$2" =~ ^[0-9]+$ ]] || fail "$EXIT_USAGE" "--seed needs a whole number, but got '$2'."
            seed="$2"
            shift 2
            ;;
        *) fail "$EXIT_USAGE" "Unknown argument '$1'. See --help." ;;
    esac
done

ensure_packages
ensure_rust
mpi_environment
build_program
cd "$PROJECT_ROOT"
say "Killing lattices and moving atoms $kills times each, seed $seed ..."
started="$EPOCHREALTIME"
VITRUM_TORTURE_KILLS="$kills" VITRUM_TORTURE_SEED="$seed" \
    cargo test --release --locked --test kills --test molecular_dynamics_restart -- --nocapture many_kills </dev/null
say "Twice $kills kills survived in $(seconds_since "$started") s (seed $seed)."
