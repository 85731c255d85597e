# SPDX-License-Identifier: MIT
#
# The memory-model explorer: the core's run word and flush code, as it is, in
# every order that x86 allows. Variables are those of the Makefile; no
# sanitizers, since it copies stacks.

explorer := $(O)/explorer/explorer
explorer-core-c := state/machine.c cpu/run_word.c cpu/wait.c cpu/kick.c \
	flush/caller.c flush/invalidate.c flush/target.c flush/range.c \
	events/post.c lifecycle/place.c \
	flush/inhibit.c flush/suspend.c \
	partition/access.c
explorer-c := explore.c threads.c memory.c atomics.c print.c cpus.c \
	inhibits.c main.c
explorer-obj := $(patsubst %.c,$(O)/explorer/core/%.o,$(explorer-core-c)) \
	$(patsubst %.c,$(O)/explorer/test/%.o,$(explorer-c))
explorer-cflags := $(unit-cflags) -Wno-ignored-qualifiers -Wno-unused-value -Ihv/test \
	-U_FORTIFY_SOURCE -DLETHE_NO_TRACE
explorer-atomics := -include hv/test/explorer/atomics.h

$(O)/explorer/core/%.o: hv/core/%.c $(always) hv/test/explorer/explorer.mk
	$(call compile,$(explorer-cflags) $(pure) $(explorer-atomics))

$(addprefix $(O)/explorer/test/,cpus.o inhibits.o main.o): explorer-cflags += $(explorer-atomics)

$(O)/explorer/test/%.o: hv/test/explorer/%.c $(always) hv/test/explorer/explorer.mk
	$(call compile,$(explorer-cflags))

$(explorer-obj): | deps-host

$(explorer): $(explorer-obj)
	$(call say,LD,$@)
	$(Q)$(CC) -o $@ $(explorer-obj)

-include $(explorer-obj:.o=.d)
