#include "stream.h"

#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK ((size_t)64 * 1024)

/* In the child only these stay open. */
#define CHILD_FILE 0
#define CHILD_PIPE 1

static int running;

/* RETURNS 0 when all was written. */
static int write_all(const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = write(CHILD_PIPE, bytes, length);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -1; /* EPIPE: the front has given up. SIGPIPE is ignored. */
		bytes += sent;
		length -= (size_t)sent;
	}
	return 0;
}

static _Noreturn void copy(uint64_t offset, uint64_t length)
{
	static char bytes[CHUNK];

	while (length > 0) {
		ssize_t got = pread(CHILD_FILE, bytes, length < CHUNK ? (size_t)length : CHUNK, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || write_all(bytes, (size_t)got) != 0)
			_exit(1);
		offset += (uint64_t)got;
		length -= (uint64_t)got;
	}
	_exit(0);
}

/* PURPOSE  Puts file and pipe on descriptors 0 and 1, whatever numbers they have, and closes all but the log. */
static int arrange(int file, int pipe)
{
	int high_file = fcntl(file, F_DUPFD_CLOEXEC, 3);
	int high_pipe = fcntl(pipe, F_DUPFD_CLOEXEC, 3);

	if (high_file < 0 || high_pipe < 0)
		return -1;
	if (dup2(high_file, CHILD_FILE) < 0 || dup2(high_pipe, CHILD_PIPE) < 0)
		return -1;
	return (int)syscall(SYS_close_range, 3, ~0U, 0);
}

static _Noreturn void child(pid_t parent, int file, int pipe, uint64_t offset, uint64_t length)
{
	/* fork clears PDEATHSIG (prctl(2)); the second look is for a parent that died before it was set. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
		_exit(1);
	if (arrange(file, pipe) != 0)
		_exit(1);
	copy(offset, length);
}

int stream_start(int file, uint64_t offset, uint64_t length)
{
	pid_t parent = getpid(), pid;
	int ends[2];

	stream_reap();
	if (running >= STREAMS_MAX) {
		errno = EAGAIN;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child(parent, file, ends[1], offset, length);
	if (pid < 0) {
		int saved = errno;

		(void)close(ends[0]);
		(void)close(ends[1]);
		errno = saved;
		return -1;
	}
	running++;
	(void)close(ends[1]);
	return ends[0];
}

static void reap(int flags)
{
	while (running > 0) {
		pid_t pid = waitpid(-1, NULL, flags);

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid <= 0)
			return;
		running--;
	}
}

void stream_reap(void)
{
	reap(WNOHANG);
}

void stream_finish(void)
{
	reap(0);
}
