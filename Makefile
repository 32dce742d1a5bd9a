# `make run` and `make test` are each enough on a fresh clone: they set up .venv on their first call.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help run test test-all check docs notebooks bench cover format clean
.DEFAULT_GOAL := help

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## Simulate Contra Costa County, with its diversion and without
	$(BIN)/offramp run contra_costa no_diversion

PYTEST := pytest -n auto --dist worksteal
QUICK := $(PYTEST) -m "not slow"

test: $(VENV)/.installed-dev ## Run the tests, the slow ones aside (under five minutes on two processors)
	$(BIN)/python -m $(QUICK)

test-all: $(VENV)/.installed-dev ## Run all tests
	$(BIN)/python -m $(PYTEST) --durations=20

check: $(VENV)/.installed-dev ## Check format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Every page and list that is made from the code: tests say which one is out of date.
PAGES := offramp.reference.schema offramp.reference.reference offramp.reference.file_key \
	calibration.records.adapter.page calibration.records.workbook.dictionary
docs: $(VENV)/.installed-dev ## Make the generated pages again
	@set -e; for page in $(PAGES); do $(BIN)/python -m $$page; done

notebooks: $(VENV)/.installed-dev ## Execute the notebooks (makes notebooks/*.ipynb)
	$(BIN)/jupytext --to ipynb --execute notebooks/*.py

# Ciw brings a package named tests, which would hide ours in the environment: it gets a folder of its own.
PARTS := benchmarks/bare.py benchmarks/county.py benchmarks/network.py
bench: $(VENV)/bench/.installed ## Run the benchmarks (an hour and more on two processors)
	@set -e; for file in $(filter-out $(PARTS),$(wildcard benchmarks/*.py)); do \
		echo "== $$file"; PYTHONPATH=.:$(VENV)/bench $(BIN)/python $$file; done

$(VENV)/bench/.installed: $(VENV)/.installed-dev
	$(PIP) --no-deps --target $(VENV)/bench ciw networkx tqdm
	@touch $@

cover: $(VENV)/.installed-dev ## Run what make test runs and list what it does not reach (fails below the share in pyproject.toml)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m $(QUICK)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

format: $(VENV)/.installed-dev ## Put the code in its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove the environment and what the tools remember
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage*

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing Offramp into $(VENV) (once)..."
	$(PIP) -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing Offramp and its development tools into $(VENV) (once)..."
	$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/.installed

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Offramp needs Python 3.11 or newer, but $(PYTHON) is %d.%d. Try: make $(MAKECMDGOALS) PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -m venv $(VENV)
