#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void say(const char *format, ...)
{
	char line[512];
	va_list arguments;
	int head = snprintf(line, sizeof line, "%.64s: ", program_invocation_short_name);
	int body;
	size_t length;

	if (head < 0)
		return;
	va_start(arguments, format);
	body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, arguments);
	va_end(arguments);
	if (body < 0)
		return;
	length = (size_t)head + (size_t)body;
	if (length > sizeof line - 2)
		length = sizeof line - 2;
	line[length] = '\n';
	/* A log that is full or gone is no reason to end. */
	if (write(STDERR_FILENO, line, length + 1) < 0)
		return;
}
