# The short way in; meson does the work.  "make run" and "make test" set up what they need themselves.
.DEFAULT_GOAL := run
SHELL := /bin/sh
DEMO := build/demo.db

# Of the build with the thread sanitizer, what its tests need.
ONLY_thread := src/linli tests/test-store-store tests/test-store-tags

.PHONY: setup run release debug thread coverage test lint bench fuzz clean deb test-container

setup:
	@tools/setup.sh

build/%/build.ninja: | setup
	@tools/configure.sh $*

release debug thread coverage: %: setup build/%/build.ninja
	@ninja -C build/$* $(ONLY_$*) > build/$*.log 2>&1 || { grep -E ": (fatal error|error|warning): |undefined reference" build/$*.log | head -40; exit 1; }
	@echo "built build/$*/linli"
	@ln -sf src/linli build/$*/linli

run: release
	@tools/run.sh

# WHAT=http runs only suites with that in their name.
test: release debug thread
	@tools/test.py $(WHAT)

# FUZZ_SECONDS for each target; WHAT=json fuzzes only targets with that in their name.
fuzz: setup build/fuzz/build.ninja
	@ninja -C build/fuzz > build/fuzz.log 2>&1 || { grep -E "(fatal )?error:|undefined reference" build/fuzz.log | head -40; exit 1; }
	@tools/fuzz.py $(WHAT)

# Ours beside limits of the same run, about five minutes; LONG=1 the whole, half an hour and twenty minutes of load.
# The first run makes a district of a million matters (three minutes more) and keeps it in build/bench.
bench: release
	@bench/run.py $(if $(LONG),--long) $(if $(KEEP),--keep); measured=$$?; bench/load.py $(if $(LONG),--long) && exit $$measured

lint: setup
	@tools/lint.sh

# A Debian package in build/deb/.
deb: release
	@tools/deb.py $(VERSION)

# What deploy/Containerfile says, done without an engine; needs a network and some minutes.
test-container:
	@tests/package/container.py

clean:
	rm -rf build
