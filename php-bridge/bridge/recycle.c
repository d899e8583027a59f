#include "recycle.h"

#include "bridge.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bytes resident; 0 when /proc does not say. */
static uint64_t resident(void)
{
	char text[128], *field;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return 0;
	length = syscall(SYS_read, fd, text, sizeof text - 1);
	(void)close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	/* "size resident shared …", in pages (proc(5)) */
	(void)strtoull(text, &field, 10);
	return strtoull(field, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool recycle_due(void)
{
	uint32_t served = atomic_load(&bridge.slot->requests);

	if (served == 0)
		return false;
	if (bridge.settings.requests != 0 && served >= bridge.settings.requests)
		return true;
	return bridge.settings.memory != 0 && resident() > bridge.settings.memory;
}
