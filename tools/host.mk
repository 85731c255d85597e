# SPDX-License-Identifier: MIT
#
# The rules for what runs on the build host: unit tests of hv/core under the
# sanitizers, and the fuzz targets (always built with clang). mem.c is left
# out: the host has its own.

# Packages that a kind of object needs beside the compiler; after the stamp,
# which asks for that one
.PHONY: deps-host deps-clang deps-coverage
deps-host deps-clang deps-coverage: deps-%: | $(stamp)
	@sh tools/deps.sh $*

# pvh_map.c is the test guest's loader's, not the hypervisor's
host-core-c := $(filter-out mem.c,$(core-c)) pvh_map.c
unit-obj := $(patsubst %.c,$(O)/unit/core/%.o,$(host-core-c)) \
	$(patsubst %.c,$(O)/unit/test/%.o,$(test-c))
unit := $(O)/unit/unit

$(O)/unit/core/%.o: hv/core/%.c $(always) tools/host.mk
	$(call compile,$(unit-cflags) -DLETHE_STEPS $(sanitize) $(pure))

$(O)/unit/test/%.o: hv/test/%.c $(always) tools/host.mk
	$(call compile,$(unit-cflags) -DLETHE_STEPS $(sanitize) -Ihv/test)

$(unit-obj): | deps-host

$(unit): $(unit-obj)
	$(call say,LD,$@)
	$(Q)$(CC) $(sanitize) -o $@ $(unit-obj)

# ----------------------------------------------------------------- fuzzing

fuzz-cc := clang
fuzz-sanitize := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz-core-obj := $(patsubst %.c,$(O)/fuzz/core/%.o,$(host-core-c))
fuzz-fake-obj := $(patsubst %.c,$(O)/fuzz/test/%.o,\
	$(filter-out main.c test_%,$(test-c)))
fuzz-obj := $(fuzz-core-obj) $(fuzz-fake-obj) \
	$(patsubst %.c,$(O)/fuzz/test/%.o,$(fuzz-c))
fuzz-bin := $(patsubst fuzz_%.c,$(O)/fuzz/%,$(fuzz-c))
fuzz-flags := $(unit-cflags) $(fuzz-sanitize)

$(O)/fuzz/core/%.o: hv/core/%.c $(always) tools/host.mk
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(fuzz-cc) $(fuzz-flags) $(pure) $(deps) -c $< -o $@

$(O)/fuzz/test/%.o: hv/test/%.c $(always) tools/host.mk
	$(call say,FUZZ,$<)
	@mkdir -p $(@D)
	$(Q)$(fuzz-cc) $(fuzz-flags) -Ihv/test $(deps) -c $< -o $@

$(fuzz-obj): | deps-host deps-clang

$(fuzz-bin): $(O)/fuzz/%: $(O)/fuzz/test/fuzz_%.o $(fuzz-core-obj) \
		$(fuzz-fake-obj)
	$(call say,LD,$@)
	$(Q)$(fuzz-cc) $(fuzz-sanitize) -o $@ $^

# ---------------------------------------------------------------- coverage

# The unit tests once more, with counters; tools/coverage.py reads them.
coverage-flags := $(unit-cflags) -DLETHE_STEPS -O0 --coverage -Ihv/test
coverage-obj := $(patsubst %.c,$(O)/coverage/core/%.o,$(host-core-c)) \
	$(patsubst %.c,$(O)/coverage/test/%.o,$(test-c))

$(O)/coverage/core/%.o: hv/core/%.c $(always) tools/host.mk
	$(call compile,$(coverage-flags) $(pure))

$(O)/coverage/test/%.o: hv/test/%.c $(always) tools/host.mk
	$(call compile,$(coverage-flags))

$(coverage-obj): | deps-host deps-coverage

$(O)/coverage/unit: $(coverage-obj)
	$(call say,LD,$@)
	$(Q)$(CC) --coverage -o $@ $(coverage-obj)
