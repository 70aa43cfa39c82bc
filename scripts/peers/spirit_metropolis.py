"""Nanoseconds per spin update of Spirit's Monte Carlo method, on one core; prints this one number.

Spirit (https://spirit-code.github.io) is a program for atomistic spin systems. Its Monte Carlo method is single-spin
Metropolis: one iteration is as many attempted updates as there are spins. Measured here: the classical Heisenberg ferromagnet
with nearest-neighbour exchange on a periodic simple cubic lattice of 20 x 20 x 20 spins (6 neighbours each), at the temperature
1.6 J, above the transition at 1.44 J. Spirit's own defaults for the rest: trial moves in a cone that adapts to an acceptance of
one half, sites in random order. No output. The package from PyPI is built without threads.

Two runs of different length are timed after a warm-up that also settles the cone; the difference removes what is not updates.
"""

import os
import sys
import tempfile
import time

LENGTH = 20
EXCHANGE = 1.0  # meV
TEMPERATURE = 1.6 * EXCHANGE / 0.08617333262  # kelvin
WARM_UP, SHORT, LONG = 300, 300, 1800

CONFIGURATION = f"""\
log_to_file 0
log_to_console 0
bravais_lattice sc
n_basis_cells {LENGTH} {LENGTH} {LENGTH}
lattice_constant 1.0
mu_s 2.0
hamiltonian heisenberg_neighbours
boundary_conditions 1 1 1
external_field_magnitude 0.0
external_field_normal 0.0 0.0 1.0
anisotropy_magnitude 0.0
anisotropy_normal 0.0 0.0 1.0
n_shells_exchange 1
jij {EXCHANGE}
n_shells_dmi 0
ddi_method none
"""


def measure():
    from spirit import configuration, simulation, state, system
    from spirit.parameters import mc

    with open("spirit.cfg", "w") as file:
        file.write(CONFIGURATION)
    with state.State("spirit.cfg", quiet=True) as p_state:
        spins = system.get_nos(p_state)
        assert spins == LENGTH**3, f"expected {LENGTH**3} spins, Spirit has {spins}"
        mc.set_output_general(p_state, False, False, False)
        mc.set_temperature(p_state, TEMPERATURE)
        mc.set_metropolis_cone(p_state, use_cone=True, cone_angle=40, use_adaptive_cone=True, target_acceptance_ratio=0.5)
        configuration.random(p_state)

        def run(iterations):
            start = time.perf_counter()
            simulation.start(p_state, simulation.METHOD_MC, n_iterations=iterations, n_iterations_log=iterations)
            return time.perf_counter() - start

        run(WARM_UP)
        short, long = run(SHORT), run(LONG)
        system.update_data(p_state)
        energy = system.get_energy(p_state) / spins / EXCHANGE
    return (long - short) / ((LONG - SHORT) * spins) * 1e9, energy


def main():
    # Spirit greets on standard output; keep that for the number alone.
    standard_output = os.dup(1)
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        nanoseconds, energy = measure()
        os.chdir("/")
    sys.stdout.flush()
    print(f"spirit: energy per spin {energy:.3f} J at temperature 1.6 J", file=sys.stderr)
    os.write(standard_output, f"{nanoseconds:.2f}\n".encode())


if __name__ == "__main__":
    main()
