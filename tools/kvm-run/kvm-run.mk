# SPDX-License-Identifier: MIT
#
# kvm-run, a program for any Linux host with KVM. It is static, so that it runs
# in an initramfs and on other distributions. It loads a kernel with Lethe's own
# code (hv/common).

kvm-run-c += cpuid.c
kvm-run-c += devices.c
kvm-run-c += main.c
kvm-run-c += memory.c
kvm-run-c += options.c
kvm-run-c += say.c
kvm-run-c += vm.c
kvm-run-c += vp.c
kvm-run-common-c += image/elf.c
kvm-run-common-c += image/elf_note.c
kvm-run-common-c += image/pvh_plan.c
kvm-run-common-c += image/bzimage_plan.c
kvm-run-common-c += image/bzimage_write.c
kvm-run-common-c += image/image_place.c
kvm-run-common-c += image/image_plan.c
kvm-run-common-c += image/image_why.c
kvm-run-common-c += image/guest_map.c
kvm-run-common-c += guest_acpi/aml.c
kvm-run-common-c += guest_acpi/guest_acpi.c
kvm-run-common-c += lib/digit.c
kvm-run-common-c += image/image_write.c
kvm-run-common-c += lib/text.c

kvm-run-cflags := -std=gnu11 -O2 -fno-common -D_GNU_SOURCE -Iinclude -Ihv \
	$(repro) $(defines) $(warn-base)
kvm-run-obj := $(patsubst %.c,$(O)/kvm-run/%.o,$(kvm-run-c)) \
	$(patsubst %.c,$(O)/kvm-run/common/%.o,$(kvm-run-common-c))
kvm-run := $(O)/kvm-run/kvm-run
kvm-run-always := $(always) tools/kvm-run/kvm-run.mk

$(O)/kvm-run/common/%.o: hv/common/%.c $(kvm-run-always)
	$(call compile,$(kvm-run-cflags) $(pure))

$(O)/kvm-run/%.o: tools/kvm-run/%.c $(kvm-run-always)
	$(call compile,$(kvm-run-cflags))

$(kvm-run-obj): | deps-host

$(kvm-run): $(kvm-run-obj)
	$(call say,LD,$@)
	$(Q)$(CC) -static -pthread -Wl,--build-id=none -o $@ $(kvm-run-obj)

-include $(kvm-run-obj:.o=.d)
all: $(kvm-run)

# ------------------------------------------------------ its own tests

kvm-run-test := $(O)/kvm-run/kvm-run-test

$(O)/kvm-run/test/%.o: tools/kvm-run/%.c $(kvm-run-always)
	$(call compile,$(kvm-run-cflags) $(sanitize) -g -O1)

$(kvm-run-test): $(patsubst %,$(O)/kvm-run/test/%.o,cpuid devices test)
	$(Q)$(CC) $(sanitize) -o $@ $^
