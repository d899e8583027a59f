#include "hide.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void hide_variable(const char *name)
{
	size_t length = strlen(name);
	char **kept = environ;

	if (environ == NULL)
		return;
	for (char **entry = environ; *entry != NULL; entry++) {
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			explicit_bzero(*entry, strlen(*entry));
		else
			*kept++ = *entry;
	}
	*kept = NULL;
}

int hide_ini_descriptor(void)
{
	static const char prefix[] = "/proc/self/fd/";
	const char *value = getenv("PHP_INI_SCAN_DIR");
	const char *found = value == NULL ? NULL : strstr(value, prefix);

	if (found == NULL)
		return -1;
	found += sizeof prefix - 1;
	/* One digit above stderr: more are not ours. */
	return found[0] >= '3' && found[0] <= '9' && found[1] == '\0' ? found[0] - '0' : -1;
}
