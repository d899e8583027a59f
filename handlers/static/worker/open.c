#include "open.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int own_descriptors = -1;

int open_begin(void)
{
	own_descriptors = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return own_descriptors < 0 ? -1 : 0;
}

int open_path(int folder, const char *name, int flags)
{
	/* openat2(2) has no wrapper in glibc before 2.42 and none in musl. */
	struct open_how how = {
		.flags = (uint64_t)(unsigned int)(O_PATH | O_CLOEXEC | flags),
		.resolve = RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
}

int open_again(int path)
{
	char name[16];

	(void)snprintf(name, sizeof name, "%d", path);
	return openat(own_descriptors, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
