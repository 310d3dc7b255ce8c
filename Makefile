# All that one needs to remember: make run, make test, make check, make shots, make bench.
# Needs python3 (3.11 or newer), make and git; everything else is fetched into this folder.

PYTHON ?= python3
BIN := .venv/bin
CHROMIUM := sh scripts/ensure_chromium.sh
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.PHONY: help run test check shots bench assets

help:
	@echo "make run     start the platform on http://127.0.0.1:8000/ (PORT=... for another port)"
	@echo "make test    run all tests"
	@echo "make check   format, lint, types, directions of imports, migrations, wording"
	@echo "make shots   make the pictures of the manuals"
	@echo "make bench   run the benchmarks"

run: .venv/.runtime assets
	@exec $(BIN)/zhupei serve

# The browser tests by themselves, so that they have the cores to themselves.
test: .venv/.dev assets
	@$(CHROMIUM)
	$(BIN)/pytest -n 2 --dist worksteal -m browser
	$(BIN)/pytest -n 2 --dist worksteal -m "not browser"

check: .venv/.dev assets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint src
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/zhupei makemigrations --check --dry-run
	$(BIN)/python scripts/check_chinese.py

shots: .venv/.dev assets
	@$(CHROMIUM)
	$(BIN)/python scripts/shots.py

bench: .venv/.dev assets
	@set -e; for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file; done

# Set-up: each step leaves a stamp and is done again when its input changes.

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
		|| { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.runtime: requirements/runtime.txt pyproject.toml .venv/.made
	@echo "Installing Python packages (once, a minute or two)"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	@echo "Installing the packages for tests and checks (once)"
	@$(BIN)/python -m pip install -qq --require-hashes -r requirements/dev.txt
	@touch $@

assets: .venv/.runtime
	@$(BIN)/python scripts/fetch_assets.py
