# dossier-bridge: everything a fresh machine needs is Python 3.11+ and make.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/ready-$(shell cat requirements.lock pyproject.toml | cksum | tr ' ' '-')
ARGS ?=
DAY ?=
SIM = $(if $(SEED),SEED=$(SEED)) $(if $(SEEDS),SEEDS=$(SEEDS)) $(if $(FIRST),FIRST=$(FIRST)) $(if $(SECONDS),SECONDS=$(SECONDS))
WORKERS = $(shell $(BIN)/python -c 'import os; print(min(5, (os.cpu_count() or 1) + 1))')

.DEFAULT_GOAL := help
unexport PYTHONDONTWRITEBYTECODE # the tests start hundreds of processes: none compiles it all anew

.PHONY: help setup demo test lint types imports tests coverage wheel format bench chaos verify soak soak-day sim lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 16

setup: $(STAMP) ## set up .venv from requirements.lock

$(STAMP):
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed (make PYTHON=/path/to/python3.11)." >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) does not run or is too old: Python 3.11 or newer is needed (make PYTHON=/path/to/python3.11)." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "$(PYTHON) can't make a virtual environment: install its venv module." >&2; exit 1; }
	@echo "Setting up $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/ready-*
	@touch $@

demo: setup ## the whole journey on this machine (ARGS="--exit --dossiers 500")
	@$(BIN)/dossier-bridge demo $(ARGS)

test: lint types imports tests wheel ## every check (under 10 minutes)

lint: setup ## ruff: rules and format
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: setup ## mypy, strict
	@$(BIN)/mypy bridge adapters mappings config scheduler.py tests tools $(wildcard benchmarks)

imports: setup ## the rooms and who may enter them
	@$(BIN)/lint-imports --no-cache

tests: setup ## pytest, a process more than there are cores: tests wait for each other's servers
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal -q $(ARGS)

coverage: setup ## pytest, and what it does not reach (twice the time)
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term:skip-covered -q $(ARGS)

wheel: setup ## build the wheel, install it apart, run the commands from it
	@$(BIN)/python tools/check_wheel.py

format: setup ## let ruff mend what it can
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

bench: setup ## the figures of benchmarks/
	@$(BIN)/python benchmarks/mapping.py
	@$(BIN)/python benchmarks/journey.py $(ARGS)
	@$(BIN)/python benchmarks/sick.py
	@$(BIN)/python benchmarks/scrape.py
	@$(BIN)/python benchmarks/reconcile.py
	@$(BIN)/python benchmarks/match.py $(if $(RIVALS),--rivals $(RIVALS))

chaos: setup ## everything fails while everybody works (ARGS="--database sqlite --dossiers 10000")
	@$(BIN)/python -m tools.chaos $(ARGS)

verify: setup coverage ## longer proofs: coverage, tests marked verify, and the suite on every Python here
	@$(BIN)/pytest -q -m verify $(ARGS); code=$$?; test $$code -eq 0 -o $$code -eq 5
	@tools/other_pythons.sh

soak: setup soak-day ## proofs of hours: a working day weighed, tests marked soak
	@$(BIN)/pytest -q -m soak --timeout=0 $(ARGS); code=$$?; test $$code -eq 0 -o $$code -eq 5

soak-day: setup ## half an hour at 20 dossiers/s, the daemon's memory weighed (DAY="--minutes 30")
	@$(BIN)/python -m tools.chaos.soak $(DAY)

sim: setup ## the simulation: 200 seeds (SEED=7 tells one, SEEDS=1000 FIRST=1 runs many, SECONDS=600 goes on)
	@$(BIN)/python -m tests.simulation $(SIM)

lock: ## resolve requirements.lock anew (fetches uv into .venv-lock)
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv; }
	@.venv-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock

clean: ## remove what was built
	@rm -rf $(VENV) .venv-lock .venv-3.12 .venv-3.13 build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache
