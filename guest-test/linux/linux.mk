# SPDX-License-Identifier: MIT
#
# The first process of a Linux guest: static, so that an initramfs needs no
# library.

linux-init-c += coherence.c
linux-init-c += console.c
linux-init-c += counter.c
linux-init-c += crew.c
linux-init-c += end.c
linux-init-c += flusher.c
linux-init-c += init.c
linux-init-c += kernel_maps.c
linux-init-c += observe.c
linux-init-c += reader.c
linux-init-c += samples.c
linux-init-c += stress.c
linux-init-c += symbols.c
linux-init-c += tap.c
linux-init-c += unmap.c
linux-init-c += window.c
linux-init-c += words.c

linux-init-cflags := -std=gnu11 -O2 -fno-common -pthread -D_GNU_SOURCE \
	-iquote guest-test $(repro) $(defines) $(warn)
linux-init-obj := $(patsubst %.c,$(O)/linux-init/%.o,$(linux-init-c))
linux-init := $(O)/linux-init/init

$(O)/linux-init/%.o: guest-test/linux/%.c $(always) guest-test/linux/linux.mk
	$(call compile,$(linux-init-cflags))

$(linux-init-obj): | deps-host

$(linux-init): $(linux-init-obj)
	$(call say,LD,$@)
	$(Q)$(CC) -static -pthread -Wl,--build-id=none -o $@ $(linux-init-obj)

# A program for the job `stress`: where the time of munmap goes
where := $(O)/linux-init/where
where-obj := $(addprefix $(O)/linux-init/,crew.o lock_events.o shares.o \
	shares_sum.o tracefs.o where.o)

$(where-obj): | deps-host

$(where): $(where-obj)
	$(call say,LD,$@)
	$(Q)$(CC) -static -pthread -Wl,--build-id=none -o $@ $(where-obj)

# The same sharing out of ticks here, for tools/test/test_linux_traced.py
shares := $(O)/linux-init/shares
shares-obj := $(addprefix $(O)/linux-init/host/,lock_events.o shares.o \
	shares_main.o shares_sum.o)

$(O)/linux-init/host/%.o: guest-test/linux/%.c $(always) \
		guest-test/linux/linux.mk
	$(call compile,$(linux-init-cflags) $(sanitize))

$(shares-obj): | deps-host

$(shares): $(shares-obj)
	$(call say,LD,$@)
	$(Q)$(CC) $(sanitize) -o $@ $(shares-obj)

-include $(linux-init-obj:.o=.d) $(where-obj:.o=.d) $(shares-obj:.o=.d)
all: $(linux-init) $(where) $(shares)
