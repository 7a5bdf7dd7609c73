"""Trying to break a corpus, and counting what broke: ``python -m eval.reliability NAME [--count N]``.

Each part prints its figures and fails where one is not what docs/reliability.md promises; `tests/test_reliability.py`
runs each of them small.
"""
