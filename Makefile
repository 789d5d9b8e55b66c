# Everything a person does here, by name. Needs make and Python 3.11 or newer, nothing else.

# The first interpreter that is new enough; name another with `make PYTHON=...`.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
UV_VERSION := 0.13.8
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DBT_FLAGS := --project-dir dbt_project --profiles-dir dbt_project --target-path $(CURDIR)/$(VENV)/dbt --log-path $(CURDIR)/$(VENV)/dbt

# Neither dbt nor Airflow reports home from a checkout.
export DO_NOT_TRACK := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test check chaos format bench reliability guards lock down clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED)  ## make .venv with the pinned dependencies (about two minutes, once)

# --no-deps because the lock is complete; --require-hashes because it says what each file must be.
$(INSTALLED): constraints.txt pyproject.toml
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing the pinned dependencies into $(VENV) (about two minutes, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip check
	@touch $@

demo: $(INSTALLED)  ## the nightly job on the sample catalog, or on CATALOG=path
	@$(BIN)/catalog-embeddings demo $(if $(CATALOG),--catalog $(CATALOG))

test: $(INSTALLED)  ## the whole suite
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(INSTALLED)  ## style, types, floors, SQL, dbt and the house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests
	$(BIN)/sqlfluff lint --disable-progress-bar --templater placeholder sql
	$(BIN)/dbt --quiet parse $(DBT_FLAGS)
	$(BIN)/pytest --quiet tests/house

chaos: $(INSTALLED)  ## kill workers at random under a stumbling API, 200 seeds or SEEDS=number
	@CHAOS_SEEDS=$(or $(SEEDS),200) $(BIN)/pytest --quiet tests/faults/test_random_kills.py

format: $(INSTALLED)  ## put Python and SQL in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests
	$(BIN)/sqlfluff fix --disable-progress-bar --templater placeholder sql/functions sql/views sql/queries

bench: $(INSTALLED)  ## ours beside the peers (docs/performance.md says how to read it)
	$(BIN)/python benchmarks/bench.py $(ARGS)

reliability: $(INSTALLED)  ## the table of docs/reliability.md: every fault, what is expected, what was seen
	@$(BIN)/python benchmarks/reliability.py $(ARGS)

guards: $(INSTALLED)  ## the table of docs/guards.md: what the guards find in drafts written by hand
	@$(BIN)/python benchmarks/guards.py $(ARGS)

# Pins that still fit are kept; `make lock UPGRADE=1` takes the newest of all.
lock:  ## make constraints.txt again from pyproject.toml
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && $(PYTHON) -m venv "$$scratch" && \
	"$$scratch/bin/python" -m pip install --quiet uv==$(UV_VERSION) && \
	"$$scratch/bin/uv" pip compile pyproject.toml --extra dev --output-file constraints.txt --quiet \
		--universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade) \
		--strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links

down: $(INSTALLED)  ## end what `catalog-embeddings up` started
	@$(BIN)/catalog-embeddings down

clean:  ## remove .venv and every cache; the data in .catalog-embeddings/ stays
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
