# SPDX-License-Identifier: MIT
#
# The test guest kernel as a UEFI application, for hypervisors that start
# nothing but a disk. Shares boot/'s files with Lethe's own loader.

guest-efi-c += jump.c
guest-efi-c += main.c
guest-efi-c += memory_map.c
guest-efi-boot-c += console.c
guest-efi-boot-c += file.c
guest-efi-boot-c += firmware.c
guest-efi-boot-c += memory.c
guest-efi-boot-c += services.c
guest-efi-common-c += image/elf.c
guest-efi-common-c += image/elf_note.c
guest-efi-common-c += lib/format.c
guest-efi-common-c += lib/mem.c
guest-efi-common-c += lib/path.c
guest-efi-common-c += image/pvh_plan.c
guest-efi-common-c += image/bzimage_plan.c
guest-efi-common-c += image/bzimage_write.c
guest-efi-common-c += image/image_place.c
guest-efi-common-c += image/image_plan.c
guest-efi-common-c += image/image_why.c
guest-efi-common-c += image/guest_map.c
guest-efi-common-c += guest_acpi/aml.c
guest-efi-common-c += guest_acpi/guest_acpi.c
guest-efi-common-c += lib/digit.c
guest-efi-common-c += lib/text.c

guest-efi-cflags = $(boot-cflags) -Iboot -DCONSOLE_NAME='"guest-test"'
guest-efi-obj := $(patsubst %.c,$(O)/guest-efi/%.o,$(guest-efi-c)) \
	$(patsubst %.c,$(O)/guest-efi/boot/%.o,$(guest-efi-boot-c)) \
	$(patsubst %.c,$(O)/guest-efi/common/%.o,$(guest-efi-common-c)) \
	$(O)/guest-efi/enter_pvh.o $(O)/guest-efi/payload.o
guest-efi := $(O)/guest-efi/BOOTX64.EFI
guest-efi-always := $(always) boot/guest/guest-efi.mk

$(O)/guest-efi/common/%.o: hv/common/%.c $(guest-efi-always)
	$(call compile,$(guest-efi-cflags) $(pure))

$(O)/guest-efi/boot/%.o: boot/%.c $(guest-efi-always)
	$(call compile,$(guest-efi-cflags))

$(O)/guest-efi/%.o: boot/guest/%.c $(guest-efi-always)
	$(call compile,$(guest-efi-cflags))

$(O)/guest-efi/%.o: boot/guest/%.S $(guest-efi-always)
	$(call compile,$(guest-efi-cflags))

$(O)/guest-efi/payload.o: boot/payload.S $(guest-elf) $(guest-efi-always)
	$(call compile,$(guest-efi-cflags) -DLETHE_PAYLOAD=\"$(guest-elf)\")

$(O)/guest-efi/guest.so: $(guest-efi-obj) boot/lethe.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -shared -Bsymbolic --no-undefined -z nocombreloc \
		-z noexecstack --build-id=none -T boot/lethe.lds -o $@ \
		/usr/lib/crt0-efi-x86_64.o $(guest-efi-obj) \
		/usr/lib/libgnuefi.a

$(guest-efi): $(O)/guest-efi/guest.so
	$(call say,EFI,$@)
	$(Q)$(OBJCOPY) $(addprefix -j ,$(efi-sections)) \
		--target efi-app-x86_64 --subsystem=10 $< $@

-include $(guest-efi-obj:.o=.d)
all: $(guest-efi)
