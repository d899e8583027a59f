#include "usage.h"

#include "board.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A peak is made anew after so long, in milliseconds, although no request has raised it: the process may have shrunk. */
#define FORGET_MS 1000

static struct rusage own, waited_for; /* when the request began */
static struct rusage waited_for_last; /* as it was read last */
static bool fresh;	     /* that was at the end of the request right before */
static long forgotten;	     /* the peak of this process when it was made anew */
static int64_t forgotten_at; /* clock_ms() */

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

void usage_pass(void)
{
	fresh = false;
}

void usage_begin(bool first)
{
	/* Nobody is waited for between two requests. */
	waited_for = fresh ? waited_for_last : usage_of(RUSAGE_CHILDREN);
	own = usage_of(RUSAGE_SELF);
	fresh = false;
	if (first || (own.ru_maxrss <= forgotten && clock_ms() - forgotten_at < FORGET_MS))
		return;
	forget_peak();
	own = usage_of(RUSAGE_SELF);
	forgotten = own.ru_maxrss;
	forgotten_at = clock_ms();
}

struct usage usage_so_far(void)
{
	struct rusage self = usage_of(RUSAGE_SELF);
	struct rusage children = usage_of(RUSAGE_CHILDREN);
	long peak = self.ru_maxrss;

	waited_for_last = children;
	fresh = true;
	/* The largest child so far: only one that is larger than all before it is known to be this request's. */
	if (children.ru_maxrss > waited_for.ru_maxrss && children.ru_maxrss > peak)
		peak = children.ru_maxrss;
	return (struct usage){
		.microseconds = microseconds(&self) - microseconds(&own) + microseconds(&children) -
				microseconds(&waited_for),
		.peak = (uint64_t)peak * 1024,
	};
}
