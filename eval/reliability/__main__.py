"""Runs the trials by name and prints their figures."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time

COUNTS = {
    **{"kills": 200, "signals": 50, "full-disk": 20, "bit-flips": 300, "concurrency": 60, "hostile": 300},
    "inputs": 10_000,
}
"""How many of each at full size."""


def main() -> int:
    """Run what is asked for; 1 where a figure is not what it has to be."""
    parser = argparse.ArgumentParser(prog="python -m eval.reliability", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(COUNTS)}; all unless named")
    parser.add_argument("--count", type=int, help="how many trials (seconds, for concurrency)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print how many failures there were as JSON, last")
    given = parser.parse_args()
    unknown = set(given.names) - set(COUNTS)
    if unknown:
        parser.error(f"no such trial: {', '.join(sorted(unknown))}; there are {', '.join(COUNTS)}")
    failures: dict[str, int] = {}
    for name in given.names or COUNTS:
        began = time.monotonic()
        trial = importlib.import_module(f"eval.reliability.{name.replace('-', '_')}")
        figures = trial.run(given.count or COUNTS[name], given.seed)
        print(f"{name}, in {time.monotonic() - began:.0f} s:", flush=True)
        for line in figures.lines():
            print(f"  {line}", flush=True)
        failures[name] = figures.failures
    if given.json:
        print(json.dumps(failures))
    return int(any(failures.values()))


if __name__ == "__main__":
    sys.exit(main())
