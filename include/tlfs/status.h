/* SPDX-License-Identifier: MIT */
/*
 * TLFS v6.0b, appendix B "Hypercall Status Codes": the status that a guest
 * gets.
 */
#ifndef TLFS_STATUS_H
#define TLFS_STATUS_H

/* generated: statuses, from include/abi.toml */
enum hv_status {
	HV_STATUS_SUCCESS = 0x00,
	HV_STATUS_INVALID_HYPERCALL_CODE = 0x02,
	HV_STATUS_INVALID_HYPERCALL_INPUT = 0x03,
	HV_STATUS_INVALID_ALIGNMENT = 0x04,
	HV_STATUS_INVALID_PARAMETER = 0x05,
	HV_STATUS_ACCESS_DENIED = 0x06,
	HV_STATUS_INVALID_PARTITION_ID = 0x0d,
	HV_STATUS_INVALID_VP_INDEX = 0x0e,
	HV_STATUS_INVALID_VP_STATE = 0x15,
	HV_STATUS_INVALID_REGISTER_VALUE = 0x50,
};
/* end: statuses */

#endif
