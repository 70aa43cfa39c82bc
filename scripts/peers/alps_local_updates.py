"""Nanoseconds per spin update of the ALPS application `spinmc` with local updates, on one core; prints this one number.

ALPS (https://alps.comp-phys.org) is a collection of programs for lattice models. With UPDATE="local", one sweep of `spinmc` is
as many attempted single-spin Metropolis updates as there are sites, at sites drawn at random. Measured here: the classical
Heisenberg ferromagnet on a periodic simple cubic lattice of 20 x 20 x 20 sites (6 neighbours each), at the temperature 1.6 J,
above the transition at 1.44 J. Nearly all sweeps are thermalisation sweeps, in which `spinmc` measures nothing, so that the
time is that of the updates.

`spinmc` looks only now and then whether it is finished, and does more sweeps than asked for; the sweeps it did are the
thermalisation sweeps and the number of measurements in its result. Two runs of different length are timed; the difference
removes start-up.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

LENGTH = 20
TEMPERATURE = 1.6
SHORT, LONG = 300, 2300
ENERGY, TOLERANCE = -0.78, 0.03  # per site; a wrong lattice, coupling or update would miss this


def run(package, thermalization):
    """Seconds, sweeps and energy per site of one run in a folder of its own."""
    import pyalps

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        parameters = {
            "LATTICE": "simple cubic lattice",
            "L": LENGTH,
            "MODEL": "Heisenberg",
            "J": 1,
            "T": TEMPERATURE,
            "UPDATE": "local",
            "THERMALIZATION": thermalization,
            "SWEEPS": 20,
            "SEED": 1,
        }
        pyalps.writeInputFiles("peer", [parameters])
        command = [os.path.join(package, "bin", "spinmc"), "--Tmin", "1", "--write-xml", "peer.in.xml"]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=2)
        seconds = time.perf_counter() - start
        for average in ElementTree.parse("peer.task1.out.xml").iter("SCALAR_AVERAGE"):
            if average.get("name") == "Energy Density":
                measured, energy = int(average.findtext("COUNT")), float(average.findtext("MEAN"))
        os.chdir("/")
    return seconds, thermalization + measured, energy


def main():
    from importlib.util import find_spec

    package = os.path.dirname(find_spec("pyalps").origin)
    os.environ["ALPS_XML_PATH"] = os.path.join(package, "xml")
    os.environ["OMP_NUM_THREADS"] = "1"
    # Keep standard output for the number alone.
    standard_output = os.dup(1)
    os.dup2(2, 1)
    short, short_sweeps, _ = run(package, SHORT)
    long, long_sweeps, energy = run(package, LONG)
    sys.stdout.flush()
    print(f"alps: energy per site {energy:.3f} J at temperature 1.6 J", file=sys.stderr)
    if abs(energy - ENERGY) > TOLERANCE:
        sys.exit(f"alps: expected an energy per site of {ENERGY}, so this was not the intended simulation")
    nanoseconds = (long - short) / ((long_sweeps - short_sweeps) * LENGTH**3) * 1e9
    os.write(standard_output, f"{nanoseconds:.2f}\n".encode())


if __name__ == "__main__":
    main()
