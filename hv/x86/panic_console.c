/* SPDX-License-Identifier: MIT */
/* One loop: what comes, what the shell does with it, what goes out. */
#include "x86/panic_console.h"

#include "core/console/answer.h"
#include "core/debug/shell.h"
#include "core/emulate/console_input.h"
#include "core/port/port.h"
#include "x86/insn.h"

/* The answer alone: lines that still wait came before the report. */
static void send(void)
{
	char byte;

	while (port_uart_can_put(PORT_UART_COM1) &&
	       console_answer_take(&byte)) {
		port_uart_put(PORT_UART_COM1, (u8)byte);
	}
}

void panic_console_run(void)
{
	u8 byte;

	console_input_after_panic();
	shell_after_panic();
	for (;;) {
		console_input_poll();
		while (console_input_take(&byte)) {
			shell_input(byte);
		}
		shell_poll(port_tsc());
		send();
		insn_pause();
	}
}
