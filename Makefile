# Everything a person does with a checkout; `make help` lists it. All of it is idempotent.

export UV_PYTHON_DOWNLOADS := never
UV := $(shell command -v uv || echo .tools/bin/uv)
BIN := .venv/bin
READY := .venv/.ready
PYTEST := $(BIN)/pytest -n 2
CORPUS := tests/contract/descriptors tests/acceptance/packages/test_packages_lives.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-corpus test-api test-openstack lint bench bench-openstack fuzz format lock clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*##\(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: $(READY)  ## Set up the virtual environment in .venv, with uv in .tools when there is none

demo: $(READY)  ## Show the whole life of a network service on a simulated VIM
	$(BIN)/python -m nfvo.cli.demo

test: $(READY)  ## Run every test that needs no external server, but test-corpus
	$(BIN)/lint-imports
	$(PYTEST) $(CORPUS:%=--ignore=%)

test-corpus: $(READY)  ## Read all packages and descriptors of other projects, and have the packages live (MANO_SHARED)
	$(PYTEST) $(CORPUS)

test-api: $(READY) .tools/schemathesis/.ready  ## Have schemathesis judge a server by its OpenAPI document, for API_SECONDS (90)
	$(BIN)/python tests/interfaces/session.py .tools/schemathesis/bin/schemathesis --seconds $(or $(API_SECONDS),90)

test-openstack: $(READY)  ## Hold the OpenStack adapter against a live control plane, which is installed for it (as root)
	tests/lab/openstack/with-lab sh -ec '$(BIN)/pytest -n 0 tests/lab; $(BIN)/python tests/performance/openstack_floor.py'

lint: $(READY)  ## Check style, types and the directions of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) .tools/unfurl/.ready  ## Measure descriptors beside other tools, lifecycle operations and long lists, into docs/performance*.md
	$(BIN)/python tests/performance/onboarding_set.py --unfurl .tools/unfurl/bin/python \
	    --every 15 --json .tools/bench.json --document docs/performance.md
	$(BIN)/python tests/performance/vnf_instantiation.py docs/performance-lifecycle.md
	$(BIN)/python tests/performance/list_pages.py docs/performance-lists.md

bench-openstack: $(READY)  ## Measure an instantiation on a live OpenStack beside the least it can take, into docs/performance.md
	tests/lab/openstack/with-lab $(BIN)/python tests/performance/openstack_floor.py docs/performance.md

fuzz: $(READY) .tools/atheris/.ready  ## Feed damaged packages to the readers for FUZZ_SECONDS (60)
	PYTHONPATH=.tools/atheris $(BIN)/python tests/fuzz/session.py

format: $(READY)  ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: | $(UV)  ## Choose the versions of all dependencies anew
	$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --upgrade \
	    --output-file requirements.lock

clean:  ## Remove what was set up and the caches; data stays
	rm -rf .venv .tools dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last: an interrupted set-up is completed by the next one. What is installed is compiled at once, as
# no start would keep what it compiles where PYTHONDONTWRITEBYTECODE is set; the checkout, too, before several compile it.
$(READY): requirements.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --allow-existing --python '>=3.11' .venv
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	$(BIN)/python -m compileall -q -j 0 descriptors vim_adapters mano_runtime vnfm nfvo
	@touch $@

# Needs other versions than ours; the bench does without where it cannot be had.
.tools/unfurl/.ready: | $(UV)
	-$(UV) venv --quiet --allow-existing --python '>=3.11' .tools/unfurl && \
	    $(UV) pip install --quiet --python .tools/unfurl/bin/python unfurl==1.2.0 && touch $@

# Needs other versions than ours, too.
.tools/schemathesis/.ready: | $(UV)
	$(UV) venv --quiet --allow-existing --python '>=3.11' .tools/schemathesis
	$(UV) pip install --quiet --compile-bytecode --python .tools/schemathesis/bin/python schemathesis==4.32.5
	@touch $@

# Not for every system; the session does without where it cannot be had.
.tools/atheris/.ready: | $(UV)
	-$(UV) pip install --quiet --python $(BIN)/python --target .tools/atheris --only-binary :all: atheris && touch $@

.tools/bin/uv:
	tools/bootstrap-uv
