# Every target works in a fresh clone that has Python 3.11 or newer and make; README gives the lines for Windows.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-annotate

# The date in sitemaps and archives is that of the last commit, so that a second build is the same in every byte.
export SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),1767225600)
export NO_MKDOCS_2_WARNING := 1
export UV_CUSTOM_COMPILE_COMMAND := make lock

.DEFAULT_GOAL := help
.PHONY: help site serve offline handouts test check record lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*##/\1\t/p' $(MAKEFILE_LIST) | expand -t 10

site: .venv/.site  ## build the site into site/
	$(BIN)/mkdocs build --strict --quiet

serve: .venv/.site  ## show the site while you write; YAML and NumPy files are watched
	$(BIN)/mkdocs serve

offline: .venv/.site  ## build site-offline/ and a zip of it, which open without a server
	OFFLINE=1 $(BIN)/mkdocs build --strict --quiet --site-dir site-offline
	$(BIN)/python -m zipfile -c site-offline.zip site-offline/

handouts: site  ## print the cheat sheet and the handouts to handouts/, with Chromium
	$(BIN)/python scripts/handouts.py

test: .venv/.test  ## run all tests
	$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

check: .venv/.test  ## lint, types, that a second build changes nothing and that nothing is unrecorded
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/build.py
	$(BIN)/python scripts/build.py --check

record: .venv/.test  ## run the PyTorch samples and the proofs, write src/truecurve/measured/
	$(BIN)/python scripts/record.py

lock: .venv/.site  ## resolve the newest allowed dependencies into the lock files
	$(PIP) uv
	echo 'setuptools>=77' | $(LOCK) --upgrade - -o requirements-build.lock
	$(LOCK) --upgrade pyproject.toml -o requirements.lock
	$(LOCK) --upgrade --group test -c requirements-build.lock -c requirements.lock -o requirements-test.lock

clean:  ## remove everything that was generated, .venv/ included
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache build handouts site site-offline site-offline.zip
	git clean -fdXq docs src scripts tests

.venv/.site: requirements-build.lock requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Truecurve needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements-build.lock
	$(PIP) --require-hashes --no-build-isolation -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: .venv/.site requirements-test.lock
	$(PIP) --require-hashes -r requirements-test.lock
	$(PIP) torch==2.13.0
	@touch $@
