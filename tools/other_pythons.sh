#!/usr/bin/env bash
# Runs the test suite on every other supported Python of this machine, each in its own environment.
set -euo pipefail
cd "$(dirname "$0")/.."
for version in 3.12 3.13; do
    command -v "python$version" >/dev/null && "python$version" --version >/dev/null 2>&1 || continue
    echo "Python $version"
    make tests VENV=".venv-$version" BIN=".venv-$version/bin" PYTHON="python$version"
done
