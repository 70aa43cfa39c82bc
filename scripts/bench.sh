#!/usr/bin/env bash
# Benchmark: speed of vitrum's site updates against two established programs, and scaling of a whole run to 2 ranks.
#
#   ./scripts/bench.sh [--repeats N] [--no-peers] [--kernels] [--scaling]
#
#   --repeats N   how often each measurement is repeated; medians are reported; default 3
#   --no-peers    leaves out the other programs
#   --kernels     only the first part: nanoseconds per site update on one core
#   --scaling     only the second part: a whole run on 1 and on 2 ranks, and where its time goes
#
# The other programs come from PyPI into a Python environment of their own, ${XDG_CACHE_HOME:-$HOME/.cache}/vitrum-peers;
# VITRUM_PEERS names another folder. They are:
#   Spirit   Metropolis updates of classical Heisenberg spins, simple cubic lattice (scripts/peers/spirit_metropolis.py)
#   ALPS     local updates of the application spinmc, same model (scripts/peers/alps_local_updates.py)
# Their spins have 6 neighbours, as those of vitrum's pyrochlore lattice. Everything runs on one core, about 8000 spins, in
# alternation, so that a busy machine hits all alike. Nothing else should run meanwhile; numbers from a shared machine vary.
#
# This is a benchmark and not a test: it passes or fails on no number.
# Exit codes: 0 measured, 64 wrong command line, 69 something is missing, else a program that was measured failed.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

repeats=3
with_peers=true
kernels=true
scaling=true
while [[ $# -gt 0 ]]; do
    case "$1" in
        -h | --help)
            print_help "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --repeats)
            need_value "$1" $#
            need_whole_number "$1" "$2"
            repeats="$2"
            shift 2
            ;;
        --no-peers)
            with_peers=false
            shift
            ;;
        --kernels)
            scaling=false
            shift
            ;;
        --scaling)
            kernels=false
            shift
            ;;
        *) fail "$EXIT_USAGE" "Unknown argument '$1'. See --help." ;;
    esac
done
$kernels || $scaling || fail "$EXIT_USAGE" "--kernels and --scaling exclude each other; without either, both parts run."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# ratio A B: A / B with two digits
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

describe_machine() {
    local processor
    processor="$(sed -n 's/^model name[[:space:]]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)" || processor=""
    say "Machine: ${processor:-unknown processor}, $(nproc) cores, load $(cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo unknown)."
}

# ------------------------------------------------------------------------------------------------ part 1: site updates

peers_environment="${VITRUM_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/vitrum-peers}"
peers_python="$peers_environment/bin/python"
peers_are_installed() {
    [[ -x "$peers_python" ]] &&
        "$peers_python" -c 'from importlib.util import find_spec as f; exit(not all(map(f, ("spirit", "pyalps", "numpy"))))'
}

install_peers() {
    if peers_are_installed; then
        return 0
    fi
    if ! has python3; then
        warn "Python 3 is not installed, so the other programs cannot be measured; only vitrum's own numbers follow."
        return 1
    fi
    say "Installing Spirit and ALPS with pip into $peers_environment ..."
    if [[ ! -x "$peers_python" ]] && ! python3 -m venv "$peers_environment"; then
        warn "Python could not make an environment (on Debian and Ubuntu that needs the package python3-venv);"
        warn "only vitrum's own numbers follow."
        return 1
    fi
    if ! "$peers_python" -m pip install --quiet --disable-pip-version-check spirit pyalps numpy </dev/null || ! peers_are_installed; then
        warn "pip could not install spirit, pyalps and numpy (its message is above); only vitrum's own numbers follow."
        return 1
    fi
}

moves=(spin_heat_bath joint_heat_bath over_relaxation)
peers=(spirit alps)
declare -A program=(
    [spirit]=spirit_metropolis.py
    [alps]=alps_local_updates.py
)
declare -A title=(
    [spin_heat_bath]="vitrum, spin heat bath"
    [joint_heat_bath]="vitrum, joint heat bath (spin and displacement)"
    [over_relaxation]="vitrum, over-relaxation"
    [spirit]="Spirit, Metropolis"
    [alps]="ALPS spinmc, local updates"
)
declare -A samples=() middle=()

measure_vitrum() {
    local set move value
    # The first instruction set listed is the one that vitrum uses on this machine.
    (cd "$PROJECT_ROOT" && cargo bench --locked --bench kernels -- 8 </dev/null 2>"$work/bench.err") >"$work/bench" || {
        cat "$work/bench.err" >&2
        fail 1 "The benchmark of vitrum's own updates failed."
    }
    set="$(awk '$2 == "spin_heat_bath" { print $1; exit }' "$work/bench")"
    for move in "${moves[@]}"; do
        value="$(awk -v s="$set" -v m="$move" '$1 == s && $2 == m { print $3; exit }' "$work/bench")"
        [[ -n "$value" ]] || fail 1 "The benchmark of vitrum's own updates printed no line '$set $move'."
        samples[$move]+=" $value"
    done
    instruction_set="$set"
}

# measure_peer NAME; a peer that fails is left out from then on.
measure_peer() {
    local value
    if value="$("$peers_python" "$PROJECT_ROOT/scripts/peers/${program[$1]}" 2>"$work/$1.err" | tail -n 1)" && [[ "$value" =~ ^[0-9.]+$ ]]; then
        samples[$1]+=" $value"
    else
        tail -n 5 "$work/$1.err" >&2
        warn "${title[$1]}: could not be measured; left out."
        samples[$1]=""
        return 1
    fi
}

site_updates() {
    local repeat name move version
    local -a active=() kept
    if $with_peers && install_peers; then
        active=("${peers[@]}")
    fi
    say "Compiling the benchmark ..."
    (cd "$PROJECT_ROOT" && cargo bench --locked --bench kernels --no-run </dev/null)
    for ((repeat = 1; repeat <= repeats; repeat++)); do
        say "Measuring, $repeat of $repeats: vitrum${active[*]:+, ${active[*]}} ..."
        measure_vitrum
        kept=()
        for name in "${active[@]}"; do
            if measure_peer "$name"; then
                kept+=("$name")
            fi
        done
        active=("${kept[@]}")
    done
    say ""
    say "Site updates on one core: nanoseconds each, median of $repeats (all values)"
    for name in "${moves[@]}" "${active[@]}"; do
        # shellcheck disable=SC2086  # a list of numbers
        middle[$name]="$(median ${samples[$name]})"
        printf '    %-50s %9.2f   (%s)\n' "${title[$name]}" "${middle[$name]}" "${samples[$name]# }"
    done
    say "    vitrum's instruction set here: $instruction_set; its lattice: 8192 spins, each with a displacement; others: 8000 spins."
    if [[ ${#active[@]} -gt 0 ]]; then
        version="$("$peers_python" -c 'from importlib.metadata import version as v; print("Spirit", v("spirit") + ", ALPS", v("pyalps"))' 2>/dev/null)" || version=""
        say "    ${version:+Versions: $version.}"
        say ""
        say "How many times faster vitrum is per update"
        for name in "${active[@]}"; do
            for move in "${moves[@]}"; do
                printf '    %-50s %9s   than %s\n' "${title[$move]}" "$(ratio "${middle[$name]}" "${middle[$move]}")" "${title[$name]}"
            done
        done
        say "    A heat-bath update draws the new spin from its exact distribution; a Metropolis update may leave it as it was."
    fi
}

# --------------------------------------------------------------------------------------------------- part 2: whole runs

configuration="$PROJECT_ROOT/configs/pyrochlore-spin-lattice_replica-exchange.toml"

# timed_run RANKS: runs the job in a fresh folder and sets `seconds`.
timed_run() {
    local folder="$work/run-$1" started code=0
    rm -rf "$folder"
    started="$EPOCHREALTIME"
    mpirun -n "$1" "$VITRUM" run "$configuration" --output "$folder" --threads 1 --quiet \
        --set method.adapt_ladder=false --set method.thermalization_sweeps=200 --set method.measurement_sweeps=2000 \
        </dev/null >"$work/run.out" 2>&1 || code=$?
    seconds="$(seconds_since "$started")"
    if [[ $code -ne 0 ]]; then
        cat "$work/run.out" >&2
        fail "$code" "The run on $1 rank(s) ended with exit code $code."
    fi
}

whole_runs() {
    local repeat seconds one two
    local -a on_one=() on_two=()
    [[ -f "$configuration" ]] || fail "$EXIT_UNAVAILABLE" "The configuration $configuration is not there."
    build_program
    for ((repeat = 1; repeat <= repeats; repeat++)); do
        say "Running the main job, $repeat of $repeats: on 1 rank, then on 2 ..."
        timed_run 1
        on_one+=("$seconds")
        timed_run 2
        on_two+=("$seconds")
    done
    one="$(median "${on_one[@]}")"
    two="$(median "${on_two[@]}")"
    say ""
    say "Whole run (fixed ladder, 200 + 2000 sweeps): wall time in seconds, start-up and files included, median of $repeats (all values)"
    printf '    %-50s %9.2f   (%s)\n' "on 1 rank" "$one" "${on_one[*]}"
    printf '    %-50s %9.2f   (%s)\n' "on 2 ranks" "$two" "${on_two[*]}"
    printf '    %-50s %9s\n' "time on 2 ranks / time on 1 rank (ideal: 0.50)" "$(ratio "$two" "$one")"
    if [[ "$(nproc)" -lt 2 ]]; then
        say "    This machine has one core, so 2 ranks share it and cannot be faster."
    fi
    for repeat in 1 2; do
        say ""
        say "Where the time of the last run on $repeat rank(s) goes"
        sed -n 's/^.* timing \(.*\)$/    \1/p' "$work/run-$repeat/log.txt" || say "    log.txt has no lines that start with 'timing '."
    done
}

ensure_packages
ensure_rust
mpi_environment
describe_machine
if $kernels; then
    site_updates
fi
if $scaling; then
    $kernels && say ""
    whole_runs
fi
