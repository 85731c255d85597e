/* SPDX-License-Identifier: MIT */
/* `panic`, `reboot`, `poweroff`: ends of the machine. */
#include "core/debug/commands.h"
#include "core/port/port.h"

enum debug_end cmd_panic(struct debug_call *call)
{
	(void)call;
	port_panic("asked for on the console");
}

enum debug_end cmd_reboot(struct debug_call *call)
{
	(void)call;
	port_restart();
}

enum debug_end cmd_poweroff(struct debug_call *call)
{
	(void)call;
	port_finish(0, "poweroff");
}
