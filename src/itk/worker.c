#include "worker.h"

#include "records.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void log_line(const char *format, va_list arguments)
{
	char line[1024];
	int length = vsnprintf(line, sizeof line - 1, format, arguments);
	size_t used;

	if (length < 0)
		return;
	used = (size_t)length < sizeof line - 1 ? (size_t)length : sizeof line - 2;
	for (size_t i = 0; i < used; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[used] = '\n';
	/* A log that cannot be written must not stop the work. */
	if (write(STDERR_FILENO, line, used + 1) < 0)
		return;
}

void worker_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(format, arguments);
	va_end(arguments);
}

_Noreturn void worker_die(int status, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_line(format, arguments);
	va_end(arguments);
	_exit(status);
}

void worker_begin(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
	struct __user_cap_data_struct data[2] = {{0}};
	pid_t parent = getppid();

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		worker_die(70, "prctl(PR_SET_DUMPABLE): %s", strerror(errno));
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		worker_die(70, "prctl(PR_SET_PDEATHSIG): %s", strerror(errno));
	/* itk may have died before the line above (prctl(2)): then we belong to somebody else now. */
	if (getppid() != parent)
		worker_die(70, "itk has gone");
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		worker_die(70, "signal: %s", strerror(errno));
	if (syscall(SYS_close_range, WORKER_POLICY + 1, ~0U, 0) != 0)
		worker_die(70, "close_range: %s", strerror(errno));
	if (getuid() == 0 || geteuid() == 0 || getgid() == 0 || getegid() == 0)
		worker_die(70, "refusing to serve as root");
	if (syscall(SYS_capget, &header, data) != 0)
		worker_die(70, "capget: %s", strerror(errno));
	if ((data[0].permitted | data[1].permitted | data[0].effective | data[1].effective) != 0)
		worker_die(70, "refusing to serve with capabilities");
}

unsigned char *worker_policy(size_t *length)
{
	unsigned char *data = NULL;

	if (records_read_all(WORKER_POLICY, RECORDS_MAX, &data, length) != 0)
		worker_die(70, "cannot read the policy: %s", strerror(errno));
	if (close(WORKER_POLICY) != 0)
		worker_die(70, "close: %s", strerror(errno));
	return data;
}

void worker_check_peer(unsigned long uid)
{
	struct ucred peer = {0};
	socklen_t length = sizeof peer;

	if (getsockopt(WORKER_CONNECTION, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
		worker_die(70, "SO_PEERCRED: %s", strerror(errno));
	if ((unsigned long)peer.uid != uid)
		worker_die(77, "refusing a connection from uid %lu", (unsigned long)peer.uid);
}
