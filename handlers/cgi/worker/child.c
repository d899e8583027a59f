#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct start {
	int folder;
	const char *path;
	char *const *argv;
	char *const *envp;
	int pipes[3];
	pid_t parent;
	int error; /* written by the child */
};

/* Until execve the child runs in our memory, on a stack of its own, while we stand still: system calls only. */
static unsigned char stack[64 * 1024] __attribute__((aligned(16)));

static int enter(struct start *start)
{
	if (setsid() < 0)
		return errno;
	/* A script that outlives its worker would escape its timeout. What it starts itself is itk's to end. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return errno;
	if (getppid() != start->parent)
		return ESRCH;
	if (fchdir(start->folder) != 0)
		return errno;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(start->pipes[fd], fd) < 0)
			return errno;
	if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0)
		return errno;
	/* The worker's only change to what execve keeps: the other signals and the mask are as a login has them. */
	if (signal(SIGPIPE, SIG_DFL) == SIG_ERR)
		return errno;
	execve(start->path, start->argv, start->envp);
	return errno;
}

static int child_main(void *argument)
{
	struct start *start = argument;

	start->error = enter(start);
	_exit(127);
}

void child_close(int *pipe)
{
	if (*pipe >= 0)
		close(*pipe);
	*pipe = -1;
}

/* ours: which end is not the script's. Each end of a pipe has flags of its own: only ours becomes non-blocking. */
static int make_pipe(int ours, int *our_end, int *their_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	*our_end = ends[ours];
	*their_end = ends[1 - ours];
	return fcntl(*our_end, F_SETFL, O_NONBLOCK);
}

static int start_child(struct start *start, struct child *child)
{
	struct rusage nothing;

	/*
	 * As vfork: no page table is copied, which is most of what fork costs. CLONE_VFORK holds us until execve has
	 * replaced the child's memory or the child has ended, so `error` can be read right after, without a pipe.
	 */
	child->pid = clone(child_main, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, start,
	                   &child->pidfd);
	if (child->pid < 0)
		return -1;
	if (start->error == 0)
		return 0;
	child_reap(child, &nothing);
	return start->error;
}

int child_start(int folder, const char *name, char *const *argv, char *const *envp, struct child *child)
{
	char path[NAME_MAX + 3];
	struct start start = {
		.folder = folder, .path = path, .argv = argv, .envp = envp, .pipes = {-1, -1, -1}, .parent = getpid(),
	};
	int result = -1;
	int saved;

	*child = (struct child){.pid = -1, .pidfd = -1, .input = -1, .output = -1, .errors = -1};
	/* With a slash, or execve's interpreter would look along PATH. */
	if (snprintf(path, sizeof path, "./%s", name) >= (int)sizeof path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (make_pipe(1, &child->input, &start.pipes[0]) == 0 && make_pipe(0, &child->output, &start.pipes[1]) == 0 &&
	    make_pipe(0, &child->errors, &start.pipes[2]) == 0)
		result = start_child(&start, child);
	saved = errno;
	for (int i = 0; i < 3; i++)
		child_close(&start.pipes[i]);
	if (result != 0) {
		child_close(&child->input);
		child_close(&child->output);
		child_close(&child->errors);
	}
	errno = saved;
	return result;
}

void child_signal(const struct child *child, int number)
{
	/* ESRCH: nobody is left, which is what was wanted. */
	if (kill(-child->pid, number) != 0)
		return;
}

int child_reap(struct child *child, struct rusage *usage)
{
	int status = 0;

	*usage = (struct rusage){0};
	while (wait4(child->pid, &status, 0, usage) < 0 && errno == EINTR)
		continue;
	child_close(&child->pidfd);
	child_close(&child->input);
	child_close(&child->output);
	child_close(&child->errors);
	return status;
}
