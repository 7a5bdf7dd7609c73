"""How good answers are: metrics, a runner for any question file, reports, comparison, floors.

Nothing here is needed to answer a question; `groundwire eval` and the programs under `eval/` use it. What it needs
beyond the default install is the extra `eval` (see `rag.evaluate.libraries`).
"""
