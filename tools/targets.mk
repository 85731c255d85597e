# SPDX-License-Identifier: MIT
#
# The targets a person types. The work is done by the scripts of tools/; the
# time and job limits are their options.

RUNNER ?= bochs
CPUS ?= 2

.PHONY: help deps run quick check unit unit-clang model lint fuzz fuzz-short \
	fuzz-corpus coverage boot-test mutants bench dist clean distclean

help:
	@sed -n 's/^#: //p' tools/targets.mk

#: run         build everything, boot it, serial console here (Ctrl-] ends);
#:             RUNNER=qemu CPUS=4 CONF=file
run: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) tools/run.py --interactive --runner $(RUNNER) \
		--cpus $(CPUS) --build $(O) --loader uefi \
		$(if $(CONF),--config $(CONF))

#: quick       lint, unit tests, one boot; under 4 minutes
quick: deps
	$(Q)$(PYTHON) tools/check.py --quick --build $(O)

#: check       everything that must hold before a change lands
check: deps
	$(Q)$(PYTHON) tools/check.py --build $(O)

deps:
	$(Q)sh tools/deps.sh

#: unit        host tests of hv/core with $(CC); unit-clang: with clang
unit: $(unit)
	$(Q)$(unit)

unit-clang:
	$(Q)$(MAKE) --no-print-directory CC=clang O=$(O)/clang unit

#: model       every order of the flush protocol that x86 allows
model: $(model)
	$(Q)$(model)

#: lint        both compilers, format, clang-tidy, cppcheck, own checks
lint:
	$(Q)$(PYTHON) tools/lint.py --build $(O)

#: fuzz        each fuzz target for FUZZ_SECONDS (3600); fuzz-short: all of
#:             them together 60; ONLY=name: one; fuzz-corpus: minimise it
FUZZ_SECONDS ?= 3600
fuzz-chosen = $(if $(ONLY),$(addprefix $(O)/fuzz/,$(ONLY)),$(fuzz-bin))
fuzz: $(fuzz-bin)
	$(Q)$(PYTHON) tools/fuzz.py --seconds $(FUZZ_SECONDS) --build $(O) \
		$(fuzz-chosen)

fuzz-short: $(fuzz-bin)
	$(Q)$(PYTHON) tools/fuzz.py --total 60 --build $(O) $(fuzz-chosen)

fuzz-corpus: $(fuzz-bin)
	$(Q)$(PYTHON) tools/fuzz.py --merge --build $(O) $(fuzz-chosen)

#: coverage    lines of hv/core that the host tests reach, at least 95 %
coverage:
	$(Q)$(PYTHON) tools/coverage.py --build $(O)

#: boot-test   all boot tests; ONLY=text: those whose name contains it;
#:             SEED=n: other random numbers in the guest, as in ONLY=fuzz
boot-test: all
	$(Q)$(PYTHON) tools/suite.py --build $(O) -j2 \
		$(if $(SEED),--seed $(SEED)) $(ONLY)

#: mutants     seeded bugs: each must make exactly its test fail
mutants:
	$(Q)$(PYTHON) tools/mutants.py --build $(O) -j2 $(ONLY)

#: bench       cost of the calls in guest ticks, against bench/baseline.csv
bench: all
	$(Q)$(PYTHON) tools/bench.py --build $(O)

#: dist        source archive build/lethe-VERSION.tar.gz
dist:
	$(Q)$(PYTHON) tools/dist.py --build $(O) $(VERSION)

#: clean       removes objects and results; distclean: the build folder
clean:
	$(Q)rm -rf $(addprefix $(O)/,hv guest boot rom unit model fuzz clang coverage run \
		results mutants lint repro flags)

distclean:
	$(Q)rm -rf $(O)

# For tools/lint.py: what a variable holds.
print-%:
	@printf '%s\n' '$(subst ','\'',$($*))'
