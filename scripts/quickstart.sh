#!/usr/bin/env bash
# From a fresh machine to a report to look at, in a few minutes:
# installs what is missing, builds vitrum, runs the main job on 2 MPI ranks and writes a report.
#
#   ./scripts/quickstart.sh [--size L] [--ranks N] [--output DIR]
#
#   --size L      system size (cubic cells along each edge); default: what the configuration says
#   --ranks N     number of MPI ranks; default 2
#   --output DIR  run directory; default runs/quickstart in the project, runs/quickstart-size-L with --size
#
# Running it again continues a stopped run, and is quick once the run is complete.
# Exit codes: those of vitrum (0 complete, 75 stopped at a checkpoint), 130 interrupted, 64 wrong command line, 69 something is missing.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

size=""
ranks=2
output=""
while [[ $# -gt 0 ]]; do
    case "$1" in
        -h | --help)
            print_help "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --size)
            need_value "$1" $#
            need_whole_number "$1" "$2"
            size="$2"
            shift 2
            ;;
        --ranks)
            need_value "$1" $#
            need_whole_number "$1" "$2"
            ranks="$2"
            shift 2
            ;;
        --output)
            need_value "$1" $#
            output="$(absolute_path "$2")"
            shift 2
            ;;
        *) fail "$EXIT_USAGE" "Unknown argument '$1'. See --help." ;;
    esac
done
output="${output:-$PROJECT_ROOT/runs/quickstart${size:+-size-$size}}"
configuration="$PROJECT_ROOT/configs/pyrochlore-spin-lattice_replica-exchange.toml"

ensure_packages
ensure_rust
mpi_environment
build_program

run=(mpirun -n "$ranks" "$VITRUM" run "$configuration" --output "$output")
if [[ -n "$size" ]]; then
    run+=(--set "system.size=$size")
fi
say ""
say "Running: ${run[*]}"
started="$EPOCHREALTIME"
code=0
interrupted=false
trap 'interrupted=true' INT TERM
"${run[@]}" || code=$?
trap - INT TERM
say "The run ended after $(seconds_since "$started") s with exit code $code."

if [[ $code -ne 0 ]] && grep -Eq '"state"[[:space:]]*:[[:space:]]*"stopped"' "$output/status.json" 2>/dev/null; then
    code=75
fi
if [[ $code -eq 75 ]]; then
    say ""
    say "The run was stopped at a checkpoint; nothing is lost. Running this script again with the same arguments continues it."
    exit 75
fi
if [[ $code -ne 0 ]] && $interrupted; then
    say ""
    say "Interrupted. Running this script again with the same arguments continues from the newest checkpoint."
    exit 130
fi
if [[ $code -ne 0 ]]; then
    warn ""
    fail "$code" "The run did not complete. Its message is above and in $output/log.txt; what is safe on disk is in $output."
fi

"$VITRUM" report "$output"

say ""
say "Done. Open this in a browser:"
say "    $output/report/report.html"
say "Results, readable with h5py and h5dump:"
say "    $output/results.h5"
say "To continue the same run for longer, give it more sweeps in the same directory, for example:"
say "    mpirun -n $ranks $VITRUM run $configuration --output $output${size:+ --set system.size=$size} --set method.measurement_sweeps=60000"
say "To run bigger:"
say "    $PROJECT_ROOT/scripts/quickstart.sh --size 6 --ranks 4        # a larger system, more ranks, on this machine"
