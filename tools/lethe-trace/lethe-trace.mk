# SPDX-License-Identifier: MIT
#
# lethe-trace, a program for any Linux host: it reads the dumps of the trace. It
# shares the format with the hypervisor (hv/core/trace, include/trace.h).

lethe-trace-c += about.c
lethe-trace-c += chrome.c
lethe-trace-c += ctf.c
lethe-trace-c += ctf_metadata.c
lethe-trace-c += describe.c
lethe-trace-c += events.c
lethe-trace-c += filter.c
lethe-trace-c += frame.c
lethe-trace-c += input.c
lethe-trace-c += jsonl.c
lethe-trace-c += lines.c
lethe-trace-c += link.c
lethe-trace-c += main.c
lethe-trace-c += model.c
lethe-trace-c += moment.c
lethe-trace-c += names.c
lethe-trace-c += options.c
lethe-trace-c += say.c
lethe-trace-c += summary.c
lethe-trace-c += svg.c
lethe-trace-c += svg_call.c
lethe-trace-c += svg_histogram.c
lethe-trace-c += unpack.c
lethe-trace-common-c += common/lib/crc32.c

lethe-trace-cflags := -std=gnu11 -O2 -fno-common -D_GNU_SOURCE -Iinclude -Ihv \
	$(repro) $(defines) $(warn)
lethe-trace-always := $(always) tools/lethe-trace/lethe-trace.mk
lethe-trace := $(O)/lethe-trace/lethe-trace

# $(call lethe-trace-obj,folder)
lethe-trace-obj = $(patsubst %.c,$(O)/$(1)/%.o,$(lethe-trace-c)) \
	$(patsubst %.c,$(O)/$(1)/hv/%.o,$(lethe-trace-common-c))

$(O)/lethe-trace/hv/%.o: hv/%.c $(lethe-trace-always)
	$(call compile,$(lethe-trace-cflags))

$(O)/lethe-trace/%.o: tools/lethe-trace/%.c $(lethe-trace-always)
	$(call compile,$(lethe-trace-cflags))

$(call lethe-trace-obj,lethe-trace): | deps-host

$(lethe-trace): $(call lethe-trace-obj,lethe-trace)
	$(call say,LD,$@)
	$(Q)$(CC) -Wl,--build-id=none -o $@ $^

-include $(patsubst %.o,%.d,$(call lethe-trace-obj,lethe-trace))
all: $(lethe-trace)

# ------------------------- for its tests: with the sanitizers, and an encoder

lethe-trace-checked := $(O)/lethe-trace-test/lethe-trace
lethe-trace-encoder := $(O)/lethe-trace-test/encode
lethe-trace-test-cflags := $(lethe-trace-cflags) $(sanitize) -g -O1

$(O)/lethe-trace-test/hv/%.o: hv/%.c $(lethe-trace-always)
	$(call compile,$(lethe-trace-test-cflags))

$(O)/lethe-trace-test/%.o: tools/lethe-trace/%.c $(lethe-trace-always)
	$(call compile,$(lethe-trace-test-cflags))

$(lethe-trace-checked): $(call lethe-trace-obj,lethe-trace-test)
	$(call say,LD,$@)
	$(Q)$(CC) $(sanitize) -o $@ $^

lethe-trace-encoder-obj := $(patsubst %,$(O)/lethe-trace-test/%.o,test_encode \
	hv/common/lib/crc32 hv/core/trace/pack hv/core/trace/dump)
$(lethe-trace-encoder): $(lethe-trace-encoder-obj)
	$(call say,LD,$@)
	$(Q)$(CC) $(sanitize) -o $@ $^

-include $(patsubst %.o,%.d,$(call lethe-trace-obj,lethe-trace-test) \
	$(lethe-trace-encoder-obj))
