#include "usage.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct rusage own, waited_for; /* when the request began */

/* getrusage(2) fails only for a bad address, or one of `who` that it does not know. */
static struct rusage usage_of(int who)
{
	struct rusage usage = {0};

	(void)getrusage(who, &usage);
	return usage;
}

static uint64_t microseconds(const struct rusage *usage)
{
	return ((uint64_t)usage->ru_utime.tv_sec + (uint64_t)usage->ru_stime.tv_sec) * 1000000 +
	       (uint64_t)usage->ru_utime.tv_usec + (uint64_t)usage->ru_stime.tv_usec;
}

/*
 * fork(2) starts the peak anew; between the requests of one process this does (proc(5), clear_refs). Where it is not
 * allowed, a later request is told the peak of those before it.
 */
static void forget_peak(void)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)syscall(SYS_write, fd, "5", 1);
	(void)close(fd);
}

void usage_begin(bool first)
{
	if (!first)
		forget_peak();
	own = usage_of(RUSAGE_SELF);
	waited_for = usage_of(RUSAGE_CHILDREN);
}

struct usage usage_so_far(void)
{
	struct rusage self = usage_of(RUSAGE_SELF);
	struct rusage children = usage_of(RUSAGE_CHILDREN);
	long peak = self.ru_maxrss;

	/* The largest child so far: only one that is larger than all before it is known to be this request's. */
	if (children.ru_maxrss > waited_for.ru_maxrss && children.ru_maxrss > peak)
		peak = children.ru_maxrss;
	return (struct usage){
		.microseconds = microseconds(&self) - microseconds(&own) + microseconds(&children) -
				microseconds(&waited_for),
		.peak = (uint64_t)peak * 1024,
	};
}
