#include "memory-file.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Linux 6.3; without it a system may be set up to refuse the file (vm.memfd_noexec of proc(5)). */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

int memory_file(off_t size)
{
	struct rlimit limit;
	int fd;

	/* The limit counts for these files too, and who goes beyond it is sent SIGXFSZ. */
	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
	    (limit.rlim_cur != RLIM_INFINITY && (rlim_t)size > limit.rlim_cur))
		return -1;
	fd = memfd_create("itkd", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("itkd", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd >= 0 && ftruncate(fd, size) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}
