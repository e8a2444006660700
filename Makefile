# Everything here works on a bare machine with make and Python 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Set by some for their own installs, and refused inside a virtual environment
export PIP_USER := 0

.PHONY: help setup demo test mosquitto chromium lint types unit independent container addon bench format constraints clean
.NOTPARALLEL:

help:
	@echo 'make setup        everything for development, in $(VENV) (PYTHON=python3.12 VENV=.venv-3.12 for another Python)'
	@echo 'make demo         a broker, one simulated charger per vendor and the bridge, on this machine (ARGS="--help")'
	@echo 'make test         all that must pass: lint, types, unit'
	@echo 'make lint         ruff: rules and format'
	@echo 'make types        mypy'
	@echo 'make unit         pytest with coverage (ARGS="--no-cov -k word" for a part)'
	@echo 'make independent  the checks that share no code with the bridge'
	@echo 'make container    lints and builds the container image and runs it, as far as this machine can'
	@echo 'make addon        the Home Assistant add-on as a folder of its own, in build/addon'
	@echo 'make bench        benchmarks (ARGS="--help")'
	@echo 'make format       ruff: mends what it can'
	@echo 'make constraints  the newest allowed versions into constraints.txt'
	@echo 'make clean        removes what these targets made'

# Each stamp is written last, so that an interrupted step is done again.
# A demo needs much less than the development does, so the tools have a stamp of their own.
$(VENV)/.made:
	@scripts/make_venv.sh '$(PYTHON)' '$(VENV)'
	@touch $@

$(VENV)/.demo: pyproject.toml constraints.txt $(VENV)/.made
	@echo 'installing charger2mqtt into $(VENV)'
	@$(PIP) install -qq -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/.setup: pyproject.toml constraints.txt $(VENV)/.made
	@echo 'installing charger2mqtt and the development tools into $(VENV)'
	@$(PIP) install -qq -c constraints.txt -e '.[test]'
	@touch $@ $(VENV)/.demo

setup: $(VENV)/.setup

demo: $(VENV)/.demo
	@exec $(BIN)/charger2mqtt demo $(ARGS)

test: mosquitto chromium lint types unit

mosquitto:
	@scripts/need_mosquitto.sh

chromium:
	@scripts/need_chromium.sh

lint: $(VENV)/.setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.setup
	$(BIN)/mypy

# Most tests wait for something, so that five at a time suit two cores.
unit: $(VENV)/.setup mosquitto
	$(BIN)/python -m pytest -n 5 --dist worksteal --cov $(ARGS)

independent: $(VENV)/.setup
	tests/independent/run.sh

container: $(VENV)/.setup
	scripts/check_container.sh '$(VENV)'

addon:
	@scripts/make_addon.sh build/addon

bench: $(VENV)/.setup
	$(BIN)/python -m benchmarks $(ARGS)

format: $(VENV)/.setup
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

constraints:
	@scripts/make_constraints.sh '$(PYTHON)'

clean:
	rm -rf '$(VENV)' build dist .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.* htmlcov
	find . \( -name .git -o -name '.venv*' \) -prune -o -type d -name __pycache__ -exec rm -rf {} +
