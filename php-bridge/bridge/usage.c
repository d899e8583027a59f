#include "usage.h"

#include "board.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of this process and of those that it waited for. */
struct reading {
	struct rusage own, waited_for;
};

/* A peak is made anew after so long, in milliseconds, although no request has raised it: the process may have shrunk. */
#define FORGET_MS 1000

static struct reading begun, ended;
static bool fresh;	     /* `ended` is of the request right before */
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
	begun.waited_for = fresh ? ended.waited_for : usage_of(RUSAGE_CHILDREN);
	begun.own = usage_of(RUSAGE_SELF);
	fresh = false;
	if (first || (begun.own.ru_maxrss <= forgotten && clock_ms() - forgotten_at < FORGET_MS))
		return;
	forget_peak();
	begun.own = usage_of(RUSAGE_SELF);
	forgotten = begun.own.ru_maxrss;
	forgotten_at = clock_ms();
}

struct usage usage_so_far(void)
{
	long peak;

	ended.own = usage_of(RUSAGE_SELF);
	ended.waited_for = usage_of(RUSAGE_CHILDREN);
	fresh = true;
	peak = ended.own.ru_maxrss;
	/* The largest child so far: only one that is larger than all before it is known to be this request's. */
	if (ended.waited_for.ru_maxrss > begun.waited_for.ru_maxrss && ended.waited_for.ru_maxrss > peak)
		peak = ended.waited_for.ru_maxrss;
	return (struct usage){
		.microseconds = microseconds(&ended.own) - microseconds(&begun.own) +
				microseconds(&ended.waited_for) - microseconds(&begun.waited_for),
		.peak = (uint64_t)peak * 1024,
	};
}
