# SPDX-License-Identifier: MIT
guest-s += start.S
guest-s += ap.S
guest-s += isr.S
guest-s += hypercall_entry.S
