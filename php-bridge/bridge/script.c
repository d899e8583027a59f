#include "script.h"

#include <stddef.h>
#include <stdint.h>

void script_note(char *to, const char *path)
{
	size_t at = 0;

	/* No line break and no terminal's control sequence: the path comes from a request. */
	for (; path[at] != '\0' && at < SCRIPT_MAX - 1; at++)
		to[at] = (char)((uint8_t)path[at] < ' ' || path[at] == 0x7f ? '?' : path[at]);
	to[at] = '\0';
}
