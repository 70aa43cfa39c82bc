#!/usr/bin/env bash
# Benchmark of molecular dynamics: atom-steps per second of vitrum and of LAMMPS (-sf opt) on identical input, one core, and
# of vitrum on two ranks. Called by bench.sh --atoms; also a command of its own.
#
#   ./scripts/bench_atoms.sh [--repeats N]
#
#   --repeats N   how often each measurement is repeated; medians are reported; default 3
#
# Input: 32 000 atoms of liquid Cu50Zr50 at 1500 K (CuZr_mm.eam.fs, 2 fs), made by vitrum, and 32 000 atoms of copper from the
# crystal at 1600 K (Cu_u3.eam, 5 fs); skin 1 Angstrom, NVE, 200 steps. vitrum computes stresses of all atoms at every step,
# LAMMPS without and with (compute stress/atom at every step). Needs the packages lammps and lammps-data.
# Exit codes: 0 measured, 64 wrong command line, 69 something is missing, else a program that was measured failed.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

repeats=3
while [[ $# -gt 0 ]]; do
    case "$1" in
        -h | --help)
            print_help "${BASH_SOURCE[0]}"
            exit 0
            ;;
        --repeats)
            repeats="${2:-}"
            [[ "$repeats" =~ ^[1-9][0-9]*$ ]] || fail "$EXIT_USAGE" "--repeats expects a number from 1. See --help."
            shift 2
            ;;
        *) fail "$EXIT_USAGE" "Unknown argument '$1'. See --help." ;;
    esac
done

potentials=/usr/share/lammps/potentials
atoms=32000
steps=200
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

median() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# configuration NAME [REPRODUCIBLE]: the tables of system and method.
configuration() {
    local elements potential step
    case "$1" in
        CuZr) elements='["Cu", "Zr"]' potential=CuZr_mm.eam.fs step=2.0 ;;
        Cu) elements='["Cu"]' potential=Cu_u3.eam step=5.0 ;;
    esac
    cat <<END
[system]
model = "embedded-atom"
elements = $elements
potential = { file = "$potentials/$potential" }
[method]
kind = "molecular-dynamics"
time_step_fs = $step
reproducible = ${2:-true}
END
}

# make_input NAME: $work/NAME.data, in the format of LAMMPS, with velocities.
make_input() {
    local name="$1"
    say "Making the input $name ..."
    {
        configuration "$name"
        if [[ "$name" == CuZr ]]; then
            printf '[[method.stages]]\nname = "relax"\nensemble = "minimize"\nforce_tolerance = 1.0\nmax_steps = 200\n'
            printf '[[method.stages]]\nname = "melt"\nensemble = "nvt"\ntemperature = 1500.0\nduration_ps = 2.0\n'
            printf '[system.initial]\nkind = "random"\natoms = %d\nfractions = [0.5, 0.5]\nnumber_density = 0.055\n' "$atoms"
        else
            printf '[[method.stages]]\nname = "start"\nensemble = "nve"\nduration_ps = 0.0\n'
            printf '[system.initial]\nkind = "lattice"\nlattice = "fcc"\nconstant = 3.615\nrepeat = [20, 20, 20]\ntemperature = 1600.0\n'
        fi
        printf '[measure]\nevery = 100\ntrajectory = { every = 1000000, format = "dump", per_atom = ["id", "velocity"] }\n'
    } >"$work/make.toml"
    rm -rf "$work/make"
    mpirun -n 1 "$VITRUM" run "$work/make.toml" --output "$work/make" --quiet </dev/null
    awk -v kinds="$([[ "$name" == CuZr ]] && echo 2 || echo 1)" '
        /^ITEM: TIMESTEP/ { count = 0; bounds = 0; box = "" }
        /^ITEM:/ { item = $2; if (item == "ATOMS") for (k = 3; k <= NF; k++) column[$k] = k - 2; next }
        item == "BOX" { bounds++; axis = substr("xyz", bounds, 1); box = box $1 " " $2 " " axis "lo " axis "hi\n"; next }
        item == "ATOMS" {
            at[count] = $column["id"] " " $column["type"] " " $column["x"] " " $column["y"] " " $column["z"]
            moves[count++] = $column["id"] " " $column["vx"] " " $column["vy"] " " $column["vz"]
        }
        END {
            print "made by vitrum\n\n" count " atoms\n" kinds " atom types\n\n" box "\nMasses\n"
            print (kinds == 2 ? "1 63.546\n2 91.224" : "1 63.546") "\n\nAtoms # atomic\n"
            for (k = 0; k < count; k++) print at[k]
            print "\nVelocities\n"
            for (k = 0; k < count; k++) print moves[k]
        }' "$work/make/trajectory.dump" >"$work/$name.data"
}

# run_vitrum NAME RANKS REPRODUCIBLE: sets `rate`, atom-steps per second, start-up not counted.
run_vitrum() {
    {
        configuration "$1" "$3"
        printf '[[method.stages]]\nname = "run"\nensemble = "nve"\nsteps = %d\n' "$steps"
        printf '[system.initial]\nkind = "file"\npath = "%s"\n[measure]\nevery = %d\n' "$work/$1.data" "$steps"
    } >"$work/run.toml"
    # A log is continued by the next run in its directory.
    rm -rf "$work/run"
    mpirun -n "$2" "$VITRUM" run "$work/run.toml" --output "$work/run" --quiet --threads 1 </dev/null
    rate="$(awk -v n="$((atoms * steps))" '
        / timing (forces|neighbor lists|ghosts|integration|measurement) / { for (k = 1; k < NF; k++) if ($(k + 1) == "s") sum += $k }
        END { printf "%.0f", n / sum }' "$work/run/log.txt")"
    lists="$(sed -n 's/^.* timing neighbor lists .* s \([0-9.]*\) %.*$/\1/p' "$work/run/log.txt" | tail -n 1)"
}

# run_lammps NAME STRESS: sets `rate`.
run_lammps() {
    local style step pair
    case "$1" in
        CuZr) style=eam/fs step=0.002 pair="pair_coeff * * $potentials/CuZr_mm.eam.fs Cu Zr" ;;
        Cu) style=eam step=0.005 pair="pair_coeff 1 1 $potentials/Cu_u3.eam" ;;
    esac
    {
        printf 'units metal\natom_style atomic\nread_data %s\npair_style %s\n%s\n' "$work/$1.data" "$style" "$pair"
        printf 'neighbor 1.0 bin\nneigh_modify every 1 delay 0 check yes\ntimestep %s\nfix 1 all nve\n' "$step"
        if [[ "$2" == stress ]]; then
            printf 'compute s all stress/atom NULL virial\ncompute t all reduce sum c_s[1]\n'
            printf 'thermo_style custom step temp pe press c_t\nthermo 1\n'
        else
            printf 'thermo %d\n' "$steps"
        fi
        printf 'run %d\n' "$steps"
    } >"$work/in.lammps"
    lmp -sf opt -in "$work/in.lammps" -log none </dev/null >"$work/lammps.out" 2>&1 ||
        { tail -n 5 "$work/lammps.out" >&2; fail 70 "LAMMPS failed; its last words are above."; }
    rate="$(awk -v n="$((atoms * steps))" '/^Loop time/ { printf "%.0f", n / $4 }' "$work/lammps.out")"
}

ensure_packages
ensure_lammps
ensure_rust
mpi_environment
has lmp || fail "$EXIT_UNAVAILABLE" "LAMMPS (lmp) is not installed."
describe_machine
build_program
for name in CuZr Cu; do
    make_input "$name"
    declare -A rates=()
    for ((repeat = 1; repeat <= repeats; repeat++)); do
        say "$name, $repeat of $repeats ..."
        run_lammps "$name" none && rates[lammps]+=" $rate"
        run_lammps "$name" stress && rates[lammps_stress]+=" $rate"
        run_vitrum "$name" 1 false && rates[fast]+=" $rate"
        run_vitrum "$name" 1 true && rates[exact]+=" $rate"
        share="$lists"
        run_vitrum "$name" 2 true && rates[two]+=" $rate"
    done
    # shellcheck disable=SC2086  # lists of numbers
    {
        plain="$(median ${rates[lammps]})" stressed="$(median ${rates[lammps_stress]})" one="$(median ${rates[exact]})"
        say ""
        say "$name, $atoms atoms, $steps steps: atom-steps per second, median of $repeats (all); ratio to LAMMPS without and with stress"
        for row in "lammps:LAMMPS" "lammps_stress:LAMMPS, stress of atoms" "fast:vitrum, reproducible = false" "exact:vitrum, reproducible = true" "two:vitrum, reproducible = true, 2 ranks"; do
            values="${rates[${row%%:*}]}"
            middle="$(median $values)"
            printf '    %-40s %9d   %5s %5s   (%s)\n' "${row#*:}" "$middle" \
                "$(awk -v a="$middle" -v b="$plain" 'BEGIN { printf "%.2f", a / b }')" \
                "$(awk -v a="$middle" -v b="$stressed" 'BEGIN { printf "%.2f", a / b }')" "${values# }"
        done
        say "    neighbor lists take $share % of a run; two ranks have an efficiency of $(awk -v a="$(median ${rates[two]})" -v b="$one" 'BEGIN { printf "%.2f", a / 2 / b }')"
        say ""
    }
done
say "vitrum computes energies and stresses of all atoms at every step in each of its rows."
