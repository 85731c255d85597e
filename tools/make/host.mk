# SPDX-License-Identifier: MIT
#
# The rules for what runs on the build host: unit tests of hv/core and
# hv/common under the sanitizers, and the fuzz targets (always built with
# clang). mem.c is left out, because the host's libc has its functions.

# The packages that a kind of object needs besides the compiler. The stamp comes
# first, because its rule checks the compiler
.PHONY: deps-host deps-clang deps-coverage
deps-host deps-clang deps-coverage: deps-%: | $(stamp)
	@sh tools/make/deps.sh $*

host-core-c := $(filter-out common/lib/mem.c,$(core-c))
# The part of the test guest's loader that unit tests cover
host-boot-c := guest/memory_map.c
# The parts of lethe-trace that unit tests and fuzz targets use
host-trace-c := $(filter-out ctf%.c input.c main.c options.c,$(lethe-trace-c))

# $(call host-obj,folder): the objects under test, built in that folder
host-obj = $(patsubst %.c,$(O)/$(1)/hv/%.o,$(host-core-c)) \
	$(patsubst %.c,$(O)/$(1)/boot/%.o,$(host-boot-c)) \
	$(patsubst %.c,$(O)/$(1)/lethe-trace/%.o,$(host-trace-c))
unit-obj := $(call host-obj,unit) \
	$(patsubst %.c,$(O)/unit/test/%.o,$(test-c))
unit := $(O)/unit/unit

$(O)/unit/hv/%.o: hv/%.c $(always) tools/make/host.mk
	$(call compile,$(unit-cflags) -DLETHE_STEPS $(sanitize) $(pure))

$(O)/unit/boot/%.o: boot/%.c $(always) tools/make/host.mk
	$(call compile,$(unit-cflags) -DLETHE_STEPS $(sanitize) $(pure))

$(O)/unit/lethe-trace/%.o: tools/lethe-trace/%.c $(always) tools/make/host.mk
	$(call compile,$(unit-cflags) -D_GNU_SOURCE $(sanitize))

$(O)/unit/test/%.o: hv/test/%.c $(always) tools/make/host.mk
	$(call compile,$(unit-cflags) -DLETHE_STEPS $(sanitize) $(test-includes))

$(unit-obj): | deps-host

$(unit): $(unit-obj)
	$(call say,LD,$@)
	$(Q)$(CC) $(sanitize) -o $@ $(unit-obj)

# The tables of a guest as a file, for tools/test/test_guest_acpi.py
guest-acpi := $(O)/unit/guest-acpi
guest-acpi-obj := $(addprefix $(O)/unit/,test/guest_acpi/main.o \
	hv/common/guest_acpi/guest_acpi.o hv/common/guest_acpi/aml.o \
	hv/common/lib/digit.o)

$(guest-acpi-obj): | deps-host

$(guest-acpi): $(guest-acpi-obj)
	$(call say,LD,$@)
	$(Q)$(CC) $(sanitize) -o $@ $(guest-acpi-obj)

# ----------------------------------------------------------------- fuzzing

fuzz-cc := clang
fuzz-sanitize := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz-core-obj := $(call host-obj,fuzz)
fuzz-fake-obj := $(patsubst %.c,$(O)/fuzz/test/%.o,\
	$(filter-out unit/%,$(test-c)))
fuzz-obj := $(fuzz-core-obj) $(fuzz-fake-obj) \
	$(patsubst %.c,$(O)/fuzz/test/%.o,$(fuzz-c))
fuzz-bin := $(patsubst fuzz/%.c,$(O)/fuzz/%,$(fuzz-c))
fuzz-flags := $(unit-cflags) $(fuzz-sanitize)

define fuzz-compile
$(call say,FUZZ,$<)
@mkdir -p $(@D)
$(Q)$(fuzz-cc) $(fuzz-flags) $(deps)
endef

$(O)/fuzz/hv/%.o: hv/%.c $(always) tools/make/host.mk
	$(fuzz-compile) $(pure) -c $< -o $@

$(O)/fuzz/boot/%.o: boot/%.c $(always) tools/make/host.mk
	$(fuzz-compile) $(pure) -c $< -o $@

$(O)/fuzz/lethe-trace/%.o: tools/lethe-trace/%.c $(always) tools/make/host.mk
	$(fuzz-compile) -D_GNU_SOURCE -c $< -o $@

$(O)/fuzz/test/%.o: hv/test/%.c $(always) tools/make/host.mk
	$(fuzz-compile) $(test-includes) -c $< -o $@

$(fuzz-obj): | deps-host deps-clang

$(fuzz-bin): $(O)/fuzz/%: $(O)/fuzz/test/fuzz/%.o $(fuzz-core-obj) \
		$(fuzz-fake-obj)
	$(call say,LD,$@)
	$(Q)$(fuzz-cc) $(fuzz-sanitize) -o $@ $^

# ---------------------------------------------------------------- coverage

# The unit tests once more, with counters, for lethe.proof.core_coverage
coverage-flags := $(unit-cflags) -DLETHE_STEPS -O0 --coverage $(test-includes)
coverage-obj := $(call host-obj,coverage) \
	$(patsubst %.c,$(O)/coverage/test/%.o,$(test-c))

$(O)/coverage/hv/%.o: hv/%.c $(always) tools/make/host.mk
	$(call compile,$(coverage-flags) $(pure))

$(O)/coverage/boot/%.o: boot/%.c $(always) tools/make/host.mk
	$(call compile,$(coverage-flags) $(pure))

$(O)/coverage/lethe-trace/%.o: tools/lethe-trace/%.c $(always) tools/make/host.mk
	$(call compile,$(coverage-flags) -D_GNU_SOURCE)

$(O)/coverage/test/%.o: hv/test/%.c $(always) tools/make/host.mk
	$(call compile,$(coverage-flags))

$(coverage-obj): | deps-host deps-coverage

$(O)/coverage/unit: $(coverage-obj)
	$(call say,LD,$@)
	$(Q)$(CC) --coverage -o $@ $(coverage-obj)
