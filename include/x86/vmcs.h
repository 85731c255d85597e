/* SPDX-License-Identifier: MIT */
/*
 * VMCS fields and the bits of the VMX controls, by their SDM names. SDM 3C,
 * "Virtual Machine Control Structures".
 */
#ifndef X86_VMCS_H
#define X86_VMCS_H

#include "base/bits.h"
#include "base/types.h"

enum vmcs_field {
#define VMCS_FIELD(_name, _encoding) VMCS_##_name = (_encoding),
#include "x86/vmcs_fields.def"
#undef VMCS_FIELD
};

/* SDM 3C, "VMREAD, VMWRITE, and Encodings of VMCS Fields" */
#define VMCS_WIDTH(f) (((f) >> 13) & 3)
#define VMCS_W16      0
#define VMCS_W64      1
#define VMCS_W32      2
#define VMCS_WNATURAL 3

/* "Pin-Based VM-Execution Controls" */
#define VMX_PIN_EXTERNAL_INTERRUPT BIT(0)
#define VMX_PIN_NMI                BIT(3)
#define VMX_PIN_VIRTUAL_NMIS       BIT(5)
#define VMX_PIN_PREEMPTION_TIMER   BIT(6)

/* "Processor-Based VM-Execution Controls", primary */
#define VMX_PROC_INTERRUPT_WINDOW BIT(2)
#define VMX_PROC_HLT              BIT(7)
#define VMX_PROC_INVLPG           BIT(9)
#define VMX_PROC_MWAIT            BIT(10)
#define VMX_PROC_RDPMC            BIT(11)
#define VMX_PROC_CR3_LOAD         BIT(15)
#define VMX_PROC_CR3_STORE        BIT(16)
#define VMX_PROC_CR8_LOAD         BIT(19)
#define VMX_PROC_CR8_STORE        BIT(20)
#define VMX_PROC_NMI_WINDOW       BIT(22)
#define VMX_PROC_UNCONDITIONAL_IO BIT(24)
#define VMX_PROC_MSR_BITMAPS      BIT(28)
#define VMX_PROC_MONITOR          BIT(29)
#define VMX_PROC_SECONDARY        BIT(31)

/* secondary */
#define VMX_PROC2_EPT                BIT(1)
#define VMX_PROC2_RDTSCP             BIT(3)
#define VMX_PROC2_VPID               BIT(5)
#define VMX_PROC2_UNRESTRICTED_GUEST BIT(7)
#define VMX_PROC2_PAUSE_LOOP         BIT(10)
#define VMX_PROC2_INVPCID            BIT(12)

/* "VM-Exit Controls" */
#define VMX_EXIT_SAVE_DEBUG    BIT(2)
#define VMX_EXIT_HOST_64       BIT(9)
#define VMX_EXIT_ACK_INTERRUPT BIT(15)
#define VMX_EXIT_SAVE_PAT      BIT(18)
#define VMX_EXIT_LOAD_PAT      BIT(19)
#define VMX_EXIT_SAVE_EFER     BIT(20)
#define VMX_EXIT_LOAD_EFER     BIT(21)

/* "VM-Entry Controls" */
#define VMX_ENTRY_LOAD_DEBUG BIT(2)
#define VMX_ENTRY_IA32E      BIT(9)
#define VMX_ENTRY_LOAD_PAT   BIT(14)
#define VMX_ENTRY_LOAD_EFER  BIT(15)

/* "Guest Non-Register State": interruptibility */
#define VMX_BLOCKING_STI     BIT(0)
#define VMX_BLOCKING_MOV_SS  BIT(1)
#define VMX_BLOCKING_NMI     BIT(3)
#define VMX_PENDING_DEBUG_BS BIT(14)

/* Interruption information: entry, exit and IDT-vectoring alike */
#define VMX_INTR_VECTOR      GENMASK(7, 0)
#define VMX_INTR_TYPE        GENMASK(10, 8)
#define VMX_INTR_ERROR_VALID BIT(11)
#define VMX_INTR_NMI_UNBLOCK BIT(12)
#define VMX_INTR_VALID       BIT(31)

#define VMX_INTR_EXTERNAL          0
#define VMX_INTR_NMI               2
#define VMX_INTR_HW_EXCEPTION      3
#define VMX_INTR_SW_INTERRUPT      4
#define VMX_INTR_PRIV_SW_EXCEPTION 5
#define VMX_INTR_SW_EXCEPTION      6

/* Segment access rights */
#define VMX_ACCESS_CONFORMING BIT(2) /* of a code segment */
#define VMX_ACCESS_DPL        GENMASK(6, 5)
#define VMX_ACCESS_L          BIT(13)
#define VMX_ACCESS_UNUSABLE   BIT(16)

/* SDM 3D, appendix "VMX Basic Exit Reasons" */
/* generated: exit reasons, from include/exits.toml */
#define EXIT_REASON_EXCEPTION_NMI      0
#define EXIT_REASON_EXTERNAL_INTERRUPT 1
#define EXIT_REASON_TRIPLE_FAULT       2
#define EXIT_REASON_INTERRUPT_WINDOW   7
#define EXIT_REASON_NMI_WINDOW         8
#define EXIT_REASON_TASK_SWITCH        9
#define EXIT_REASON_CPUID              10
#define EXIT_REASON_GETSEC             11
#define EXIT_REASON_HLT                12
#define EXIT_REASON_INVD               13
#define EXIT_REASON_INVLPG             14
#define EXIT_REASON_RDPMC              15
#define EXIT_REASON_RSM                17
#define EXIT_REASON_VMCALL             18
#define EXIT_REASON_VMCLEAR            19
#define EXIT_REASON_VMLAUNCH           20
#define EXIT_REASON_VMPTRLD            21
#define EXIT_REASON_VMPTRST            22
#define EXIT_REASON_VMREAD             23
#define EXIT_REASON_VMRESUME           24
#define EXIT_REASON_VMWRITE            25
#define EXIT_REASON_VMXOFF             26
#define EXIT_REASON_VMXON              27
#define EXIT_REASON_CR_ACCESS          28
#define EXIT_REASON_IO                 30
#define EXIT_REASON_RDMSR              31
#define EXIT_REASON_WRMSR              32
#define EXIT_REASON_ENTRY_GUEST_STATE  33
#define EXIT_REASON_ENTRY_MSR_LOAD     34
#define EXIT_REASON_MWAIT              36
#define EXIT_REASON_MONITOR            39
#define EXIT_REASON_PAUSE              40
#define EXIT_REASON_EPT_VIOLATION      48
#define EXIT_REASON_EPT_MISCONFIG      49
#define EXIT_REASON_INVEPT             50
#define EXIT_REASON_PREEMPTION_TIMER   52
#define EXIT_REASON_INVVPID            53
#define EXIT_REASON_XSETBV             55
#define EXIT_REASON_INVPCID            58
#define EXIT_REASON_VMFUNC             59
#define EXIT_REASON_SEAMCALL           76
#define EXIT_REASON_TDCALL             77
/* end: exit reasons */
#define EXIT_REASON_COUNT 80

#define EXIT_REASON_BASIC         GENMASK(15, 0)
#define EXIT_REASON_ENTRY_FAILURE BIT(31)

/* Exit qualification of an EPT violation */
#define EPT_VIOLATION_READ        BIT(0)
#define EPT_VIOLATION_WRITE       BIT(1)
#define EPT_VIOLATION_EXECUTE     BIT(2)
#define EPT_VIOLATION_NMI_UNBLOCK BIT(12)

#endif
