# Everything runs in .venv, which the first target that needs it makes (.ci/bootstrap).
# Another interpreter: make test PYTHON=/path/to/python3.12
# Tests run in two processes, each with servers of its own, the long ones of tests/live first.
# Another number: make test WORKERS=4; 0 for a single process.

PYTHON ?=
WORKERS ?= 2
BIN := .venv/bin
INSTALLED := .venv/.installed
FAULTS := $(addprefix tests/live/test_,faults.py prediction_faults.py dying.py restarts.py) tests/test_dying.py

.PHONY: help install demo test faults lint clean

help:
	@echo 'make install put curate into .venv (the others do it by themselves)'
	@echo 'make demo    the whole loop on this machine: annotate, check, adjudicate, release, publish'
	@echo 'make test    run all tests; those in tests/live start real servers'
	@echo 'make faults  every fault at every kind of request and write, and the table of how it ended (an hour or more)'
	@echo 'make lint    check format, style and types'
	@echo 'make clean   remove .venv and what building and testing left (never .curate or exports)'

install: $(INSTALLED)
	@echo "Installed. Next: . .venv/bin/activate, then curate --help"

demo: $(INSTALLED)
	@$(BIN)/curate demo

test: $(INSTALLED)
	@$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

faults: $(INSTALLED)
	@CURATE_ALL_FAULTS=1 $(BIN)/pytest -s $(FAULTS)

lint: $(INSTALLED)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

clean:
	rm -rf .venv build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find curate tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@PYTHON='$(PYTHON)' sh .ci/bootstrap
	@touch $@
