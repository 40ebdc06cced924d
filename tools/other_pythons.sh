#!/usr/bin/env bash
# Runs the test suite on every other supported Python of this machine, each in its own environment.
set -euo pipefail
cd "$(dirname "$0")/.."

runs() { "$1" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$2')" 2>/dev/null; }

# A pyenv shim answers to `command -v` and then does not run, so every candidate is tried.
find_python() {
    local candidate
    for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
        runs "$candidate" "$1" && { echo "$candidate"; return; }
    done
    return 1
}

for version in 3.12 3.13; do
    if python=$(find_python "$version"); then
        echo "Python $version: $python"
        make tests VENV=".venv-$version" BIN=".venv-$version/bin" PYTHON="$python"
    else
        echo "Python $version: not on this machine, not tested" >&2
    fi
done
