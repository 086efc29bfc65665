# Every target sets up what it needs: on a fresh machine Rust, Python 3.11, a C compiler and the package registries are
# enough. What was set up is remembered by stamps, so a second call is quick. `make help` lists the targets.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
WHEELS := target/wheels
STEP := tools/step
RUST_SOURCES := $(shell find crates bindings -name target -prune -o -type f -print) Cargo.toml Cargo.lock
PYTHON_SOURCES := $(shell find python -type f -not -name '*.so' -not -path '*/__pycache__/*') pyproject.toml

# The banner belongs to the build of the wheel; checks compile the same crate and would repeat it.
CHECK := SPIRALTORCH_BANNER=0

##@ Use it

demo: $(DONE)/wheel $(DONE)/demo ## train a network and a transformer on handwritten digits
	@$(BIN)/python examples/digits.py --folder target/demo

##@ Work on it

fmt: $(DONE)/lint ## format the Rust and Python sources
	@cargo fmt --all
	@$(BIN)/ruff check --quiet --fix-only
	@$(BIN)/ruff format --quiet

lint: $(DONE)/lint ## check formatting, layering, types, lints, licences and Rust docs
	@$(STEP) "rustfmt" cargo fmt --all --check
	@$(STEP) "layering and size" $(BIN)/python tools/layering.py
	@$(STEP) "ruff" $(BIN)/ruff check --quiet
	@$(STEP) "ruff format" $(BIN)/ruff format --check --quiet
	@$(STEP) "mypy" $(BIN)/mypy --no-error-summary
	@$(MAKE) generated
	@$(STEP) "clippy" env $(CHECK) cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
	@$(STEP) "rustdoc" env $(CHECK) RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --no-deps
	@$(STEP) -q "cargo-deny (built at its first use)" tools/cargo-deny check bans licenses sources

test: test-rust test-python ## run all tests, the cheapest first

test-rust: $(DONE)/system
	@if cargo nextest --version >/dev/null 2>&1; then \
	    $(STEP) "Rust tests" cargo nextest run --locked --status-level=fail --cargo-quiet; \
	else \
	    $(STEP) "Rust tests" cargo test --quiet --locked --lib --bins --tests; \
	fi
	@$(STEP) "Rust documentation examples" cargo test --quiet --locked --doc

test-python: $(DONE)/wheel $(DONE)/test
	@$(STEP) "Python tests" $(BIN)/python -m pytest --quiet
	@$(STEP) "a sample of them on a GPU, or a program that stands in for one" $(BIN)/python -m pytest --quiet --device wgpu --sample 20
	@$(STEP) "parity with torch (what passed before)" $(BIN)/python tools/parity ledger --quick

test-wgpu: $(DONE)/wheel $(DONE)/test ## run the Python tests on the first GPU that WebGPU finds
	@$(STEP) "Python tests on WebGPU" $(BIN)/python -m pytest --quiet --device wgpu

kernels-check: $(DONE)/kernels $(DONE)/clang ## compile the rendered kernels for the GPUs they are for (no GPU needed)
	@$(STEP) "kernels of CUDA, HIP and Metal" $(BIN)/python tools/kernels-check

parity: $(DONE)/wheel $(DONE)/test ## compare with torch: all names, all operators (docs/parity.md)
	@$(BIN)/python tools/parity ledger --update

curves: $(DONE)/wheel $(DONE)/test ## compare whole trainings with torch: loss curves of 200 steps (target/curves.md)
	@$(BIN)/python tools/training-parity --report target/curves.md

bench: $(DONE)/wheel $(DONE)/test ## measure against torch
	@$(BIN)/python tools/perf-runner/run.py

docs: $(DONE)/venv ## build the Rust documentation and check the generated pages
	@$(STEP) "rustdoc" env $(CHECK) cargo doc --quiet --locked --workspace --no-deps
	@$(MAKE) generated
	@echo "    open target/doc/st_core/index.html"

wheel: $(DONE)/wheel ## build the wheel into target/wheels and install it into .venv

clean: ## remove everything the targets made
	@rm -rf target $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache

help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

# Files written from the operator table (stubs, pages) must be those the table gives today.
generated: $(DONE)/lint
	@if [ -f tools/generate.py ]; then $(STEP) "generated files" $(BIN)/python tools/generate.py --check; fi

# ---- set-up, each behind a stamp ----

$(DONE)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; name one with PYTHON=..." >&2; exit 1; }
	@$(STEP) -q "Python environment in $(VENV)" $(PYTHON) -m venv $(VENV)
	@mkdir -p $(DONE) && touch $@

# requirements/NAME.txt, for build, lint, demo, kernels and test (test is torch, mostly: some 3 GB).
$(DONE)/%: requirements/%.txt $(DONE)/venv
	@$(STEP) -q "Python packages: $*" $(BIN)/pip install --disable-pip-version-check --quiet -r $<
	@touch $@

$(DONE)/test: requirements/demo.txt

$(DONE)/system: requirements/apt.txt | $(DONE)/venv
	@tools/system-packages $<
	@touch $@

$(DONE)/clang: requirements/apt-clang.txt | $(DONE)/venv
	@tools/system-packages $<
	@touch $@

$(DONE)/wheel: $(RUST_SOURCES) $(PYTHON_SOURCES) $(DONE)/build
	@rm -f $(WHEELS)/spiraltorch_rs-*.whl
	@$(STEP) "wheel" $(BIN)/maturin build --release --locked --interpreter $(BIN)/python --out $(WHEELS)
	@$(STEP) -q "wheel into $(VENV)" $(BIN)/pip install --disable-pip-version-check --quiet --no-deps \
	    --force-reinstall $(WHEELS)/spiraltorch_rs-*.whl
	@touch $@

.PHONY: bench clean curves demo docs fmt generated help kernels-check lint parity test test-python test-rust test-wgpu wheel
