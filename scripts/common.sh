#!/usr/bin/env bash
# Functions shared by the scripts in this folder. Source it; it does nothing by itself.
#
# After sourcing: PROJECT_ROOT is the folder with Cargo.toml and VITRUM is the program that `build_program` builds.
#   ensure_packages   checks for MPI, parallel HDF5, libclang and a C compiler, and installs what is missing where it may
#   ensure_rust       checks for a Rust that is new enough
#   mpi_environment   settings with which Open MPI runs on a laptop, in a container and in CI
#   build_program     builds target/release/vitrum

set -euo pipefail
export LC_ALL=C

PROJECT_ROOT="$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VITRUM="${CARGO_TARGET_DIR:-target}/release/vitrum"
[[ "$VITRUM" == /* ]] || VITRUM="$PROJECT_ROOT/$VITRUM"

# Exit codes: 64 wrong command line, 69 something that must be installed is missing.
EXIT_USAGE=64
EXIT_UNAVAILABLE=69

REQUIRED_PACKAGES=(libopenmpi-dev openmpi-bin libhdf5-openmpi-dev libclang-dev pkg-config gcc libc6-dev)
OPTIONAL_PACKAGES=(hdf5-tools)

say() { printf '%s\n' "$*"; }
warn() { printf '%s\n' "$*" >&2; }
# fail CODE MESSAGE...
fail() {
    local code="$1"
    shift
    warn "$*"
    exit "$code"
}

# print_help FILE: the comment block at the top of a script, without the first line and the comment signs.
print_help() {
    awk 'NR == 1 { next } /^#/ { sub(/^# ?/, ""); print; next } { exit }' "$1"
}

# need_value OPTION VALUES_LEFT: refuses an option at the end of the line that needs a value.
need_value() {
    [[ "$2" -ge 2 ]] || fail "$EXIT_USAGE" "$1 needs a value. See --help."
}

# need_whole_number OPTION VALUE
need_whole_number() {
    [[ "$2" =~ ^[1-9][0-9]*$ ]] || fail "$EXIT_USAGE" "$1 needs a whole number of at least 1, but got '$2'."
}

# absolute_path PATH: PATH seen from the folder the user called from; it need not exist.
absolute_path() {
    case "$1" in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s/%s\n' "$PWD" "$1" ;;
    esac
}

has() { command -v "$1" >/dev/null 2>&1; }

# median NUMBER...
median() {
    printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 }
        END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

seconds_since() {
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.3f", to - from }'
}

# ---------------------------------------------------------------------------------------------------------------- packages

is_installed() {
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || true)" == installed ]] && return 0
    # A compiler or pkg-config from elsewhere will do.
    case "$1" in
        gcc) has cc ;;
        pkg-config) has pkg-config ;;
        *) return 1 ;;
    esac
}

libclang_is_there() {
    if [[ -n "${LIBCLANG_PATH:-}" ]]; then
        return 0
    fi
    local folder
    local -a folders=(/usr/lib /usr/lib64 /usr/local/lib /usr/lib/*-linux-gnu /usr/lib/llvm*/lib /usr/lib64/llvm*/lib)
    if has llvm-config; then
        folders+=("$(llvm-config --libdir)")
    fi
    if [[ -n "${LD_LIBRARY_PATH:-}" ]]; then
        local -a library_path
        IFS=: read -r -a library_path <<<"$LD_LIBRARY_PATH"
        folders+=("${library_path[@]}")
    fi
    for folder in "${folders[@]}"; do
        if compgen -G "$folder/libclang*.so*" >/dev/null; then
            return 0
        fi
    done
    return 1
}

# Fills the array `lacking` with what the build would not find, whatever way it was installed.
find_lacking_tools() {
    lacking=()
    has mpicc || lacking+=("mpicc (the compiler wrapper of an MPI library)")
    has mpirun || lacking+=("mpirun (the launcher of an MPI library)")
    if ! has h5pcc && [[ -z "${HDF5_DIR:-}" ]] && ! { has pkg-config && pkg-config --exists hdf5; }; then
        lacking+=("parallel HDF5 (h5pcc, or 'hdf5' known to pkg-config, or its folder in HDF5_DIR)")
    fi
    libclang_is_there || lacking+=("libclang (or its folder in LIBCLANG_PATH)")
    has cc || lacking+=("a C compiler")
}

ensure_packages() {
    local -a lacking=() missing=() wanted=()
    local package
    if ! has dpkg-query || ! has apt-get; then
        find_lacking_tools
        if [[ ${#lacking[@]} -gt 0 ]]; then
            warn "This is not a Debian or Ubuntu system, so nothing is installed for you. Still missing:"
            printf '    %s\n' "${lacking[@]}" >&2
            warn "Install these with the package manager of this system, or load the modules that provide them (often named"
            fail "$EXIT_UNAVAILABLE" "openmpi, hdf5 with MPI, and llvm or clang), and run this script again."
        fi
        choose_hdf5
        return 0
    fi
    for package in "${REQUIRED_PACKAGES[@]}"; do
        is_installed "$package" || missing+=("$package")
    done
    if [[ ${#missing[@]} -eq 0 ]]; then
        say "Packages: all present (${REQUIRED_PACKAGES[*]})."
        choose_hdf5
        return 0
    fi
    wanted=("${missing[@]}")
    for package in "${OPTIONAL_PACKAGES[@]}"; do
        is_installed "$package" || wanted+=("$package")
    done
    local -a become_root=()
    if [[ "$(id -u)" -ne 0 ]]; then
        if has sudo && sudo -n true 2>/dev/null; then
            become_root=(sudo -n)
        else
            find_lacking_tools
            if [[ ${#lacking[@]} -eq 0 ]]; then
                say "Packages: ${missing[*]} not installed through apt, but MPI, HDF5 and libclang were found elsewhere; going on."
                choose_hdf5
                return 0
            fi
            warn "These packages are missing and installing them needs an administrator. Please ask for:"
            warn ""
            warn "    sudo apt-get update && sudo apt-get install -y ${wanted[*]}"
            warn ""
            fail "$EXIT_UNAVAILABLE" "Then run this script again."
        fi
    fi
    say "Installing with apt-get: ${wanted[*]}"
    local -a apt=("${become_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    # A package source that does not answer need not matter: the lists on disk may do. Installing decides.
    "${apt[@]}" update </dev/null || warn "apt-get update reported an error; trying to install all the same."
    "${apt[@]}" install -y "${wanted[@]}" </dev/null ||
        fail "$EXIT_UNAVAILABLE" "apt-get could not install: ${wanted[*]}. Its message is above."
    choose_hdf5
}

# ensure_lammps: the program molecular dynamics is compared with, and its potential files. Without them tests that need them
# say that they are skipped.
ensure_lammps() {
    local -a become_root=() wanted=()
    is_installed lammps || wanted+=(lammps)
    is_installed lammps-data || wanted+=(lammps-data)
    [[ ${#wanted[@]} -gt 0 ]] || return 0
    if [[ "$(id -u)" -ne 0 ]]; then
        if ! has sudo || ! sudo -n true 2>/dev/null; then
            warn "Comparisons with LAMMPS are skipped: ${wanted[*]} not installed, and that needs an administrator."
            return 0
        fi
        become_root=(sudo -n)
    fi
    say "Installing with apt-get for comparisons: ${wanted[*]}"
    local -a apt=("${become_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" </dev/null ||
        { "${apt[@]}" update </dev/null && "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" </dev/null; } ||
        warn "Comparisons with LAMMPS are skipped: apt-get could not install ${wanted[*]}. Its message is above."
}

# ------------------------------------------------------------------------------------------------- HDF5 that matches MPI

# is_parallel_hdf5 INCLUDE_FOLDER
is_parallel_hdf5() {
    local header
    for header in "$1/H5pubconf.h" "$1/H5pubconf-64.h"; do
        if [[ -f "$header" ]]; then
            grep -Eq '^#define[[:space:]]+H5_HAVE_PARALLEL[[:space:]]+1' "$header"
            return
        fi
    done
    return 1
}

# The include folder of a pkg-config package that has HDF5's own header; empty if there is none.
pkg_config_hdf5_include() {
    local folder
    for folder in $(pkg-config --cflags-only-I "$1" 2>/dev/null | tr ' ' '\n' | sed -n 's/^-I//p'); do
        if [[ -f "$folder/H5pubconf.h" || -f "$folder/H5pubconf-64.h" ]]; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
}

# The build takes HDF5 from HDF5_DIR (HDF5_DIR/include and HDF5_DIR/lib), else from the pkg-config package `hdf5`. Where
# several HDF5 libraries are installed, `hdf5` may be one without MPI or for another MPI; then this sets HDF5_DIR.
choose_hdf5() {
    if [[ -n "${HDF5_DIR:-}" ]]; then
        is_parallel_hdf5 "$HDF5_DIR/include" ||
            fail "$EXIT_UNAVAILABLE" "HDF5_DIR is $HDF5_DIR, but that folder has no include/H5pubconf.h of an HDF5 built with MPI. Correct HDF5_DIR or unset it."
        return 0
    fi
    local flavour other include folder
    if mpirun --version 2>/dev/null | grep -qi 'open mpi\|openrte'; then
        flavour=openmpi
        other=mpich
    else
        flavour=mpich
        other=openmpi
    fi
    if has pkg-config; then
        include="$(pkg_config_hdf5_include hdf5)"
        if [[ -n "$include" && "$include" != *"$other"* ]] && is_parallel_hdf5 "$include"; then
            return 0
        fi
        for folder in $(pkg-config --libs-only-L "hdf5-$flavour" 2>/dev/null | tr ' ' '\n' | sed -n 's/^-L//p'); do
            if is_parallel_hdf5 "$folder/include" && [[ -d "$folder/lib" ]]; then
                export HDF5_DIR="$folder"
                say "HDF5: the default one does not match $flavour; using HDF5_DIR=$HDF5_DIR."
                return 0
            fi
        done
    fi
    if has h5pcc; then
        folder="$(h5pcc -showconfig 2>/dev/null | sed -n 's/^[[:space:]]*Installation point:[[:space:]]*//p' | head -n 1)"
        if [[ -n "$folder" && -d "$folder/lib" ]] && is_parallel_hdf5 "$folder/include"; then
            export HDF5_DIR="$folder"
            export LD_LIBRARY_PATH="$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
            say "HDF5: using HDF5_DIR=$HDF5_DIR."
            return 0
        fi
    fi
    fail "$EXIT_UNAVAILABLE" "No HDF5 built with the MPI library of this system ($flavour) was found. Set HDF5_DIR to the folder that holds its include and lib folders, and run this script again."
}

# -------------------------------------------------------------------------------------------------------------------- Rust

# version_at_least HAVE NEED
version_at_least() {
    [[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" == "$2" ]]
}

ensure_rust() {
    local need have
    need="$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' "$PROJECT_ROOT/Cargo.toml" | head -n 1)"
    need="${need:-1.85}"
    if ! has cargo && [[ -f "$HOME/.cargo/env" ]]; then
        # shellcheck source=/dev/null
        . "$HOME/.cargo/env"
    fi
    if ! has cargo || ! has rustc; then
        warn "Rust is not installed; version $need or newer is needed. Two ways to get it:"
        warn "  - rustup, for your own account: follow https://rustup.rs, keep the defaults, then open a new shell;"
        warn "  - the distribution: 'apt-get install rustup' and 'rustup default stable' (Debian 13, Ubuntu 24.04 and newer)."
        fail "$EXIT_UNAVAILABLE" "Then run this script again."
    fi
    # Asked inside the project, because rustup may choose another version there.
    have="$(cd "$PROJECT_ROOT" && rustc --version 2>/dev/null | awk '{ print $2 }')" || have=""
    if [[ -z "$have" ]]; then
        fail "$EXIT_UNAVAILABLE" "Rust is there but does not start. If it came with rustup, 'rustup default stable' installs a version; then run this script again."
    fi
    if ! version_at_least "${have%%-*}" "$need"; then
        fail "$EXIT_UNAVAILABLE" "Rust $have is too old; version $need or newer is needed. With rustup: 'rustup update stable'. Without it: see https://rustup.rs. Then run this script again."
    fi
    say "Rust: $have (needs $need)."
}

# --------------------------------------------------------------------------------------------------------------------- MPI

# default_to NAME VALUE: exports NAME, with VALUE unless the user has set it.
default_to() {
    if [[ -z "${!1:-}" ]]; then
        export "$1=$2"
    fi
}

mpi_environment() {
    if [[ "$(id -u)" -eq 0 ]]; then
        # Containers and CI run as root; Open MPI refuses that unless told twice.
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
        export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
    fi
    # More ranks than cores, no pinning, and ranks that wait give their core away.
    default_to OMPI_MCA_rmaps_base_oversubscribe 1
    default_to OMPI_MCA_hwloc_base_binding_policy none
    default_to OMPI_MCA_mpi_yield_when_idle 1
    # The same for Open MPI 5.
    default_to PRTE_MCA_rmaps_default_mapping_policy :oversubscribe
    default_to PRTE_MCA_hwloc_default_binding_policy none
    # Containers often forbid reading another process's memory; messages then go through shared memory.
    default_to OMPI_MCA_btl_vader_single_copy_mechanism none
    if [[ -z "${OMPI_MCA_io:-}" ]] && has ompi_info; then
        local romio
        romio="$(ompi_info --parsable --param io all 2>/dev/null | sed -n 's/^mca:io:\(romio[0-9]*\):version.*/\1/p' | head -n 1)" || romio=""
        if [[ -n "$romio" ]]; then
            export OMPI_MCA_io="$romio"
        fi
    fi
}

# ------------------------------------------------------------------------------------------------------------------- build

build_program() {
    say "Building $VITRUM (the first time takes a few minutes) ..."
    (cd "$PROJECT_ROOT" && cargo build --release --locked </dev/null)
}

if [[ "${BASH_SOURCE[0]}" == "$0" ]]; then
    print_help "$0"
fi

# What a benchmark ran on.
describe_machine() {
    local processor
    processor="$(sed -n 's/^model name[[:space:]]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)" || processor=""
    say "Machine: ${processor:-unknown processor}, $(nproc) cores, load $(cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo unknown)."
}
