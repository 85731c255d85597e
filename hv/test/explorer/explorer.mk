# SPDX-License-Identifier: MIT
#
# The memory-model explorer: the core's run word and flush code, as it is, in
# every order that x86 allows. Variables are those of the Makefile; no
# sanitizers, since it copies stacks.

model := $(O)/model/model
model-core-c := state/machine.c cpu/run_word.c flush/caller.c flush/put.c \
	flush/target.c flush/range.c events/post.c partition/partition.c \
	flush/inhibit.c flush/suspend.c
model-c := explore.c threads.c memory.c atomics.c print.c cpus.c \
	inhibits.c main.c
model-obj := $(patsubst %.c,$(O)/model/core/%.o,$(model-core-c)) \
	$(patsubst %.c,$(O)/model/explorer/%.o,$(model-c))
model-cflags := $(unit-cflags) -Wno-ignored-qualifiers -Wno-unused-value -Ihv/test/explorer \
	-U_FORTIFY_SOURCE
model-atomics := -include hv/test/explorer/atomics.h

$(O)/model/core/%.o: hv/core/%.c $(always) hv/test/explorer/explorer.mk
	$(call compile,$(model-cflags) $(pure) $(model-atomics))

$(addprefix $(O)/model/explorer/,cpus.o inhibits.o main.o): model-cflags += $(model-atomics)

$(O)/model/explorer/%.o: hv/test/explorer/%.c $(always) hv/test/explorer/explorer.mk
	$(call compile,$(model-cflags))

$(model-obj): | deps-host

$(model): $(model-obj)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $(model-obj)

-include $(model-obj:.o=.d)
