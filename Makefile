# What there is to do in a checkout; `make` alone lists it. Nothing has to be there before but
# Python 3.11 or later: everything goes into .venv, and Node comes from PyPI if the system has none.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV ?= .venv
PORT ?= 1787
# More options for pytest, for example PYTEST='-k dates -x'.
PYTEST ?=
# Tests at once: half as many again as there are cores, for some of them wait for a clock or a disk.
# A browser and its server keep a core busy by themselves.
CORES := $(shell getconf _NPROCESSORS_ONLN)
WORKERS ?= $(shell echo $$(( ($(CORES) * 3 + 1) / 2 )))
BROWSERS ?= $(CORES)
# `=` and not `:=`: looked for only when .venv is made.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
  "$$name" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo "$$name" && break; done)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
NPM := $(BIN)/python hatch_build.py npm run --silent
# Touched when a step is done, so that it is not done again.
TOOLS := $(VENV)/.tools-installed
PACKAGE := $(VENV)/.package-installed
DEMO := .demo/.photos-made

.PHONY: help run test lint fmt bench accuracy docs dist clean app browser image containers test-container \
  test-container-if-possible test-arm64 check-arm64

help: ## List what there is to do
	@grep -hE '^[a-z0-9-]+:.* ## ' $(firstword $(MAKEFILE_LIST)) \
	  | sed -E 's/^([a-z0-9-]+):.* ## (.*)/make \1@\2/' | awk -F@ '{ printf "%-20s %s\n", $$1, $$2 }'
	@echo
	@echo "PHOTOS=~/Pictures make run looks at your own photos, and only reads them."

run: $(PACKAGE) app ## Start photostore with a demo library, or with PHOTOS=dir; PORT=1787
	@if [ -z "$${PHOTOS:-}" ]; then \
	  $(MAKE) --no-print-directory $(DEMO); \
	  library=.demo/library photos=.demo/photos; \
	else \
	  photos="$$($(BIN)/python -c 'import os, sys; \
	    print(os.path.realpath(os.path.expanduser(sys.argv[1])))' "$$PHOTOS")"; \
	  [ -d "$$photos" ] || { echo "PHOTOS: $$photos is no folder" >&2; exit 1; }; \
	  library=".demo/library-$$($(BIN)/python -c 'import hashlib, os, sys; \
	    print(hashlib.sha256(os.fsencode(sys.argv[1])).hexdigest()[:8])' "$$photos")"; \
	fi; \
	exec $(BIN)/photostore serve --library "$$library" --scan "$$photos" --port "$(PORT)"

test: $(PACKAGE) app browser ## Run all tests: Python, web, and real browser
	$(BIN)/python -m pytest --ignore=tests/e2e --ignore=tests/perf --ignore=tests/container \
	  --numprocesses=$(WORKERS) --dist=worksteal $(PYTEST)
	$(NPM) test
	@# Processes of their own: Playwright's loop and that of the other tests clash. The tests of a file
	@# share a server, so they stay together. 5: no tests found.
	$(BIN)/python -m pytest tests/e2e --numprocesses=$(BROWSERS) --dist=loadfile $(PYTEST) || [ $$? = 5 ]

lint: $(PACKAGE) ## Check style, types and the floors, Python and web
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck container/entrypoint.sh
	$(NPM) lint
	$(NPM) check
	$(NPM) format:check
	$(NPM) size

fmt: $(TOOLS) ## Format everything and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix --exit-zero
	$(NPM) format

image: $(PACKAGE) containers ## Build the container image photostore:latest
	$(BIN)/python -m tests.container.image photostore:latest

test-container: $(PACKAGE) containers ## Run the tests that need real containers; as root, installs podman
	$(BIN)/python -m pytest tests/container --numprocesses=$(WORKERS) --dist=worksteal $(PYTEST)

# For CI: a machine that cannot run containers says so, and goes on.
test-container-if-possible: $(PACKAGE) containers
	@obstacle="$$($(BIN)/python -m tests.container.image --obstacle)"; \
	if [ -z "$$obstacle" ]; then \
	  $(MAKE) --no-print-directory test-container; \
	else \
	  echo "NOT RUN: make test-container, the tests in real containers: $$obstacle"; \
	fi

test-arm64: $(PACKAGE) ## Build and run the image for 64-bit ARM under emulation; as root, 15 minutes
	@command -v qemu-aarch64-static >/dev/null || { apt-get update -q && apt-get install -qy qemu-user-static; }
	@if [ ! -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ]; then \
	  mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || true; \
	  cat /usr/lib/binfmt.d/qemu-aarch64.conf > /proc/sys/fs/binfmt_misc/register; \
	fi
	$(BIN)/python -m pytest tests/container/test_arm64.py --capture=no $(PYTEST)

check-arm64: $(PACKAGE) ## Ask the package index for wheels for 64-bit ARM, of all that is needed
	$(BIN)/python -m tests.container.arm64

bench: $(PACKAGE) app ## Measure; docs/performance.md tells how to read the figures
	$(BIN)/python -m pytest tests/perf --capture=no --timeout=0 $(PYTEST) \
	  || { [ $$? -ge 4 ] && echo "No benchmarks were found in tests/perf"; }

accuracy: $(PACKAGE) ## Compare the facts read from ../shared/corpus with the truth; docs/accuracy.md
	$(BIN)/python -m tests.accuracy --out docs/accuracy.md

docs: $(PACKAGE) ## Write anew what is generated from the code: docs/settings.md and others
	$(BIN)/python docs/generate.py

dist: $(PACKAGE) app ## Build sdist and wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist

clean: ## Remove everything made here, except libraries of your own photos
	rm -rf $(VENV) dist build photostore/static web/node_modules test-results
	rm -rf .demo/photos .demo/library $(DEMO)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find photostore tests docs -name __pycache__ -prune -exec rm -rf {} +

# Steps on the way -------------------------------------------------------------------------------

$(TOOLS): pyproject.toml constraints.txt
	@if [ ! -x $(BIN)/python ]; then \
	  if [ -z "$(PYTHON)" ]; then \
	    echo "Python 3.11 or later with venv is needed (Debian: apt install python3-venv)," >&2; \
	    echo "and none is on the PATH. If it is elsewhere: make PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	  fi; \
	  echo "Making $(VENV) with $(PYTHON)"; \
	  "$(PYTHON)" -m venv $(VENV); \
	fi
	@echo "Installing into $(VENV): this takes a minute, once"
	@$(PIP) install --upgrade "pip>=25.1" --constraint constraints.txt
	@$(PIP) install --group dev --constraint constraints.txt
	@needed="$$($(BIN)/python hatch_build.py requirements)"; \
	  [ -z "$$needed" ] || $(PIP) install "$$needed" --constraint constraints.txt
	@touch $@

# After the app, so that building the package needs no Node.
$(PACKAGE): pyproject.toml constraints.txt hatch_build.py photostore/__init__.py $(TOOLS) | app
	@$(PIP) install --editable '.[codecs]' --constraint constraints.txt
	@touch $@

app: $(TOOLS)
	@$(BIN)/python hatch_build.py

$(DEMO): | $(PACKAGE)
	@echo "Making a demo library of 300 pictures: once, in .demo/photos"
	@$(BIN)/python -m tests.samples --out .demo/photos --count 300
	@touch $@

# What containers are built and run with. The proxies that the image is tested behind as well, but only
# where no systemd would start them from now on. What cannot be installed, the tests that need it tell.
containers:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  wanted="podman buildah runc debootstrap"; \
	  [ -d /run/systemd/system ] || wanted="$$wanted nginx caddy haproxy"; \
	  missing="$$(for tool in $$wanted; do command -v "$$tool" >/dev/null || echo "$$tool"; done)"; \
	  [ -z "$$missing" ] || { echo "Installing" $$missing; apt-get -qq update \
	    && apt-get -qq install $$missing >/dev/null; } || true; \
	fi

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests"; \
	  apt-get -qq update && apt-get -qq install --no-install-recommends chromium >/dev/null; \
	else \
	  echo "The browser tests need Chromium: install it (Debian: sudo apt install chromium)" >&2; \
	  exit 1; \
	fi
