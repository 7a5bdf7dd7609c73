#!/bin/sh
# Make constraints.txt anew: the exact versions that CI runs on, for every platform. Needs uv.
set -eu
cd "$(dirname "$0")/.."
{
    echo '# The exact set that CI runs on: names and versions for every platform and Python from 3.11. Made by scripts/lock.sh.'
    uv pip compile -q pyproject.toml --extra dev --universal --upgrade --no-emit-index-url --no-header --no-annotate \
        --python-version 3.11
} > constraints.new
mv constraints.new constraints.txt
