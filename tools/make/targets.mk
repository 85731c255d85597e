# SPDX-License-Identifier: MIT
#
# The targets that a person types. The tools in tools/lethe do the work; limits
# of time and of jobs are options of the tools.

RUNNER ?= bochs
CPUS ?= 2

# Quotes a text, so that a recipe's shell takes it as one word
quote = '$(subst ','\'',$(1))'
pytest := $(PYTHON) -m pytest --build $(O)
only = $(foreach w,$(ONLY),$(call quote,$w))

.PHONY: help run quick check unit unit-clang explore spin spin-full lint \
	fuzz fuzz-short fuzz-corpus coverage boot-test mutants bench profile \
	kvm-run-test first-hour-test peer-test nested-test nested-full \
	linux-test linux-full linux-bench \
	fresh-test dist trace-test clean distclean debug debug-image debug-test \
	check-changed console-test gdb-test

# The packages that a target needs besides git and make are a group of
# tools/make/deps.sh
deps-goals := $(addprefix deps-,machine machine-qemu tracing debugging \
	debugging-qemu debug-testing gdb-testing boots quick linting fuzzing covering \
	spinning nested linux-guest linux-run linux-bench mutating testing trace-testing hour release fresh check)
.PHONY: $(deps-goals)
$(deps-goals): deps-%:
	@sh tools/make/deps.sh $*

help:
	@sed -n 's/^#: //p' tools/make/targets.mk

# Builds under a lock: of two makes that start at the same time one waits
build-alone = { mkdir -p $(O) && test -w $(O); } || { \
	echo 'make: expected a folder $(O) that can be written to; build' \
		'elsewhere with O=folder' >&2; exit 2; }; exec 9>>$(O)/lock && { flock -n 9 || { \
	echo 'make: another make is at work in $(O); waiting' >&2; \
	flock 9; }; } && $(MAKE) --no-print-directory machine

#: run         builds everything and boots it; this terminal is the console
#:             (Ctrl-] ends); SUITE=flush CPUS=4 RUNNER=qemu: another suite,
#:             number of CPUs, emulator; CONF=file: your own lethe.conf;
#:             GUEST=linux: a shell in Debian's kernel instead of the test guest;
#:             KERNEL=bzImage: yours; SANITIZE=1: under the sanitizer
run: deps-machine$(if $(filter qemu,$(RUNNER)),-qemu) $(if $(GUEST),deps-linux-run)
	+$(Q)$(build-alone)
	$(Q)$(if $(GUEST),$(PYTHON) -m lethe.linux_guest.shell --build $(O) \
		$(if $(filter-out 0,$(SANITIZE)),--sanitize) \
		$(if $(KERNEL),--kernel $(call quote,$(KERNEL))) \
		$(call quote,$(GUEST)))
	$(Q)exec setpriv --pdeathsig HUP -- $(PYTHON) -m lethe.machine.run \
		--interactive --runner $(call quote,$(RUNNER)) \
		--cpus $(call quote,$(CPUS)) --build $(O) --loader uefi \
		$(if $(SUITE),--suite $(call quote,$(SUITE))) \
		$(if $(CONF),--config $(call quote,$(CONF))) \
		$(if $(GUEST),--config $(O)/linux-run/lethe.conf \
			--file vmlinuz=$(O)/linux-run/vmlinuz \
			--file initrd=$(O)/linux-run/initrd --memory 512)

# The options that both debug targets give to their tools
debug-what = --cpus $(call quote,$(CPUS)) --build $(O) \
	--loader $(call quote,$(LOADER)) \
	$(if $(SUITE),--suite $(call quote,$(SUITE))) \
	$(if $(CONF),--config $(call quote,$(CONF)))
LOADER ?= rom

#: debug       boots Lethe in Bochs's debugger, with the symbols of Lethe and of
#:             the test guest; options as for run; RUNNER=qemu: in gdb;
#:             LOADER=uefi: starts Lethe by the firmware
debug: deps-debugging$(if $(filter qemu,$(RUNNER)),-qemu)
	+$(Q)$(build-alone)
	$(Q)exec setpriv --pdeathsig HUP -- $(PYTHON) -m lethe.debug.live \
		--runner $(call quote,$(RUNNER)) $(debug-what)

#: debug-image runs Lethe, stops it at AT=function or when the console shows
#:             WHEN=expression, and writes its memory as a core file for gdb
debug-image: deps-debugging
	+$(Q)$(build-alone)
	$(Q)$(PYTHON) -m lethe.debug.stopped $(debug-what) \
		$(if $(AT),--at $(call quote,$(AT))) \
		$(if $(WHEN),--when $(call quote,$(WHEN)))

#: debug-test  stops four runs and checks what gdb shows of them; uses the
#:             debug console after a panic, in picocom, and for its demo
debug-test: deps-debug-testing
	$(Q)$(MAKE) --no-print-directory machine $(lethe-trace)
	$(Q)$(pytest) tools/test/test_debug.py tools/test/test_panic_console.py \
		tools/test/test_console_demo.py tools/test/test_demo_trace.py \
		tools/test/test_picocom.py

#: quick       runs lint, unit tests, four boots: 2 minutes on two CPUs, less
#:             than 6 minutes of CPU time from a clean tree
quick: deps-quick
	$(Q)$(PYTHON) -m lethe.proof.check --quick --build $(O)

#: check       runs all checks and tests that must pass before a change lands
check: deps-check
	$(Q)$(PYTHON) -m lethe.proof.check --build $(O)

#: check-changed  the part of check that your change can affect, by the files
#:             that differ from BASE=commit (default: where this branch left
#:             origin/main); LIST=1: only lists what it would run
check-changed: deps-check
	$(Q)$(PYTHON) -m lethe.proof.changed --build $(O) \
		$(if $(BASE),--base $(call quote,$(BASE))) \
		$(if $(LIST),--list)

#: unit        host tests of hv/core and hv/common; unit-clang: built with clang
unit: $(unit) $(guest-acpi)
	$(Q)$(unit)

unit-clang: deps-fuzzing
	$(Q)$(MAKE) --no-print-directory CC=clang O=$(O)/clang unit

#: explore     runs the core's own flush code in every order that x86 allows
explore: $(explorer)
	$(Q)$(explorer)

#: spin        verifies the Spin model, and that it fails without any one of its
#:             barriers and checks
spin: deps-spinning
	$(Q)$(PYTHON) -m lethe.proof.spin --build $(O) -j2

#: spin-full   verifies its large scenarios; writes docs/models/full-result.txt
spin-full: deps-spinning
	$(Q)$(PYTHON) -m lethe.proof.spin --build $(O) --full

#: lint        runs both compilers, clang-format, clang-tidy, cppcheck, and
#:             Lethe's own checks
lint: deps-linting
	$(Q)$(PYTHON) -m lethe.lint --build $(O)

#: format      formats all C files by .clang-format (clang-format 14);
#:             compile_commands.json: how each file is compiled, for clangd
.PHONY: format compile_commands.json
format: deps-linting
	$(Q)$(PYTHON) -m lethe.lint.editor --format --build $(O)

compile_commands.json: $(stamp)
	$(Q)$(PYTHON) -m lethe.lint.editor --commands $@ --build $(O)

#: tables      writes the constants and tables that include/*.toml and
#:             tests/refusals.toml define: run it after you change these files
.PHONY: tables
tables:
	$(Q)$(PYTHON) -m lethe.tables
	$(Q)$(PYTHON) -m lethe.docs.troubleshooting

#: fuzz        runs each fuzz target for FUZZ_SECONDS (3600); fuzz-short: 60 s
#:             for all together; ONLY=name: one target; fuzz-corpus: minimises
#:             the corpus
FUZZ_SECONDS ?= 3600
fuzz-chosen = $(if $(ONLY),$(addprefix $(O)/fuzz/,$(only)),$(fuzz-bin))
fuzz: fuzz-build
	$(Q)$(PYTHON) -m lethe.proof.fuzzing --seconds $(call quote,$(FUZZ_SECONDS)) \
		--build $(O) $(fuzz-chosen)

fuzz-short: fuzz-build
	$(Q)$(PYTHON) -m lethe.proof.fuzzing --total 60 --build $(O) $(fuzz-chosen)

fuzz-corpus: fuzz-build
	$(Q)$(PYTHON) -m lethe.proof.fuzzing --merge --build $(O) $(fuzz-chosen)

.PHONY: fuzz-build
fuzz-build: deps-fuzzing
	$(Q)$(PYTHON) -m lethe.proof.fuzzing --list $(only) >/dev/null
	$(Q)$(MAKE) --no-print-directory $(fuzz-chosen)

#: coverage    checks that unit tests reach 95 % of the lines of hv/core and
#:             hv/common
coverage: deps-covering
	$(Q)$(PYTHON) -m lethe.proof.core_coverage --build $(O)

#: boot-test   runs all boot tests; ONLY=text: those whose name contains it;
#:             SEED=n: other random numbers in the guest, for example with
#:             ONLY=fuzz
boot-test: deps-boots
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) -m lethe.boot_tests --build $(O) -j2 \
		$(if $(SEED),--seed $(call quote,$(SEED))) $(only)

#: console-test  types into the debug console of machines in Bochs and checks
#:             the answers; ONLY=session
console-test: deps-boots
	$(Q)$(MAKE) --no-print-directory machine
	$(Q)$(PYTHON) -m lethe.console_tests --build $(O) $(only)

#: gdb-test    Debian's GDB debugs guests through the stub on COM2, also a Linux
gdb-test: deps-gdb-testing
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) -m lethe.gdb_tests --build $(O) $(only)

#: mutants     inserts bugs: each must make exactly its tests fail
mutants: deps-mutating
	$(Q)$(PYTHON) -m lethe.proof.mutants --build $(O) -j2 $(only)

#: profile     counts the instructions of one call by function; ROW=name: a row
#:             of the bench (both)
profile: deps-tracing
	$(Q)$(MAKE) --no-print-directory machine
	$(Q)$(PYTHON) -m lethe.measure.instructions --build $(O) $(call quote,$(ROW))
ROW ?= both

# Builds without the trace, and with it but without histograms
no-trace := $(O)/no-trace
no-histogram := $(O)/no-histogram
.PHONY: trace-builds
trace-builds:
	$(Q)$(MAKE) --no-print-directory machine
	$(Q)$(MAKE) --no-print-directory O=$(no-trace) TRACE=no machine
	$(Q)$(MAKE) --no-print-directory O=$(no-histogram) HISTOGRAM=no machine

#: trace-cost  counts the instructions that the trace and the histograms add to
#:             a call
trace-cost: deps-tracing
	$(Q)$(MAKE) --no-print-directory trace-builds
	$(Q)$(PYTHON) -m lethe.measure.trace_cost --build $(O) $(no-trace) \
		$(no-histogram)
	$(Q)$(PYTHON) -m lethe.measure.record_cost --build $(O)

#: bench       measures the cost of the calls in guest ticks and compares it with
#:             bench/baseline.csv, and calls of VPs that share CPUs with others
bench: deps-machine
	$(Q)$(MAKE) --no-print-directory trace-builds
	$(Q)$(MAKE) --no-print-directory $(lethe-trace)
	$(Q)$(PYTHON) -m lethe.measure.bench --build $(O) --none $(no-trace) \
		--trace $(no-histogram)
	$(Q)$(PYTHON) -m lethe.measure.shared_cpus --build $(O)
	$(Q)$(PYTHON) -m lethe.measure.trace_cost --build $(O) $(no-trace) \
		$(no-histogram)
	$(Q)$(PYTHON) -m lethe.measure.record_cost --build $(O)

#: kvm-run-test  tests tools/kvm-run and the comparison in peer-test; needs no
#:             KVM
kvm-run-test: $(kvm-run) $(kvm-run-test) $(guest-elf) | deps-testing
	$(Q)$(kvm-run-test)
	$(Q)$(pytest) tools/test/test_kvm_run.py tools/test/test_peer.py

#: trace-test  tests tools/lethe-trace: damaged dumps, every format
trace-test: deps-trace-testing deps-machine
	$(Q)$(MAKE) --no-print-directory machine $(lethe-trace) $(lethe-trace-checked) \
		$(lethe-trace-encoder)
	$(Q)$(pytest) tools/test/trace

#: first-hour-test  tests mistyped commands, runs that die, closed terminals
first-hour-test: deps-hour
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(pytest) tools/test/first_hour

#: peer-test   runs suites and bench on KVM in Bochs, compares them with Lethe;
#:             FORCE=1: even if nothing has changed; ACCEPT=1: writes
#:             docs/results
peer-test: deps-nested
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) -m lethe.peer --build $(O) $(if $(ACCEPT),--accept)
	$(Q)$(PYTHON) -m lethe.docs.performance
	$(Q)$(PYTHON) -m lethe.docs.conformance

#: nested-test boots Lethe's disk under QEMU with KVM, in a Linux in Bochs
nested-test: deps-nested
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(pytest) tools/test/test_linux.py
	$(Q)$(PYTHON) -m lethe.nested --build $(O) $(only)

#: nested-full the same once for each VMX feature, with that one off; takes an
#:             hour; writes docs/nested.tsv
nested-full: deps-nested
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) -m lethe.nested.full --build $(O) $(only)

#: linux-test  boots Debian's kernel as a guest of Lethe, and a checker of stale
#:             translations in it; tests GUEST=linux of run; ONLY=name
linux-test: deps-linux-guest
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) -m lethe.linux_guest --build $(O) $(only)
	$(Q)$(pytest) tools/test/test_two_lines.py tools/test/linux_run

#: linux-full  the same with more kernels, ends and seeded bugs; writes
#:             docs/results/linux.tsv; a row that passed is not run again
linux-full: deps-linux-guest
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) -m lethe.linux_guest --build $(O) --full $(only)
	$(Q)$(PYTHON) -m lethe.proof.mutants --build $(O) --linux

#: linux-bench measures what the flush hypercalls are worth to Debian's kernel,
#:             on Lethe and on KVM in Bochs; takes an hour; writes
#:             docs/results/linux-bench.tsv and docs/linux.md; a row that was
#:             measured is not run again
linux-bench: deps-linux-bench
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(PYTHON) -m lethe.linux_bench --build $(O) $(only)
	$(Q)$(PYTHON) -m lethe.linux_bench.report

#: fresh-test  runs make run, check and more on minimal Debian 12 and 13 in
#:             chroots; needs root and debootstrap; takes an hour and a half,
#:             with SHORT=1 ten minutes; ACCEPT=1: writes docs/results/fresh.tsv
fresh-test: deps-fresh
	$(Q)$(PYTHON) -m lethe.release.fresh --build $(O) $(if $(SHORT),--short) \
		$(if $(ACCEPT),--accept) $(only)

#: dist        makes a release: source archive, disk image, Debian package,
#:             notices and checksums in build/lethe-VERSION.*
dist: deps-release
	$(Q)$(PYTHON) -m lethe.release.dist --check
	$(Q)$(MAKE) --no-print-directory machine $(lethe-trace)
	$(Q)$(PYTHON) -m lethe.release.dist --build $(O) --commit '$(commit)'

#: clean       removes objects and results; distclean: removes the build folder
clean:
	$(Q)rm -rf $(addprefix $(O)/,hv guest boot rom unit explorer fuzz clang \
		coverage run kept results mutants lint repro flags guest-efi \
		kvm-run lethe-trace lethe-trace-test peer linux-results linux-init linux-guest model-spin example include lethe-* \
		stretch-*)

distclean:
	$(Q)rm -rf $(O)

#:
#: For every target: O=folder builds there; CC=clang builds with clang; V=1
#: shows the commands; with APT=no make installs no package, but prints the apt
#: command and stops
# Prints the value of a variable, for the tools.
print-%:
	@printf '%s\n' '$(subst ','\'',$($*))'
