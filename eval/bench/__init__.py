"""Benchmarks that nobody here wrote, each one command: ``python -m eval.bench NAME``; see docs/benchmarks.md.

One module a benchmark: it loads the files, asks, and scores as the data's own README says. None of their text is kept
here, and nothing here knows how Groundwire answers beyond what its Python API gives.
"""
