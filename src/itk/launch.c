#include "launch.h"

#include "keyring.h"
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXIT_LAUNCH 126

static _Noreturn void fail(const char *what)
{
	char line[256];
	int length = snprintf(line, sizeof line, "cannot start: %s: %s\n", what, strerror(errno));

	if (length > 0 && write(STDERR_FILENO, line, (size_t)length) < 0)
		_exit(EXIT_LAUNCH + 1);
	_exit(EXIT_LAUNCH);
}

static void reset_signals(void)
{
	struct sigaction act = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		if (number != SIGKILL && number != SIGSTOP)
			(void)sigaction(number, &act, NULL); /* EINVAL for those that the C library keeps */
	if (sigemptyset(&none) != 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0)
		fail("sigprocmask");
}

/* The worker's executable, until it is executed. */
#define EXECUTABLE_FD 4

/* Moves a descriptor out of the way of 0 to 4. */
static int above(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, 10);

	if (moved < 0)
		fail("fcntl");
	return moved;
}

/*
 * 0: given, 1: nothing, 2: the log, 3 and 4: given or nothing. The others are closed here and not by exec: as soon as
 * we are the site's user it can stop us, and would hold the listeners of all other sites.
 */
static void arrange(const struct policy *policy, const struct service *service, int zero, int three, int executable)
{
	int log, nothing;
	unsigned first = 3;

	zero = above(zero);
	if (three >= 0)
		three = above(three);
	nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing < 0)
		fail("/dev/null");
	log = socket_log(policy, service);
	if (dup2(log >= 0 ? log : nothing, STDERR_FILENO) < 0)
		_exit(EXIT_LAUNCH);
	if (dup2(nothing, STDOUT_FILENO) < 0 || dup2(zero, STDIN_FILENO) < 0)
		fail("dup2");
	if (three >= 0) {
		if (dup2(three, 3) < 0)
			fail("dup2");
		first = 4;
	}
	if (executable >= 0) {
		if (dup3(executable, EXECUTABLE_FD, O_CLOEXEC) < 0)
			fail("dup3");
		first = EXECUTABLE_FD + 1;
	}
	if (syscall(SYS_close_range, first, ~0U, 0U) != 0)
		fail("close_range");
}

/* A service manager may protect the supervisor from the kernel's out-of-memory killer; sites are not protected. */
static void unprotect_from_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* Without /proc, or where ours is higher already and may not be lowered, it stays. */
	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1 || close(fd) != 0)
		return;
}

static void become(const struct policy *policy, const struct service *service)
{
	struct identity identity = service->site->identity;
	pid_t parent = getppid();
	const char *failed;

	if (setsid() < 0)
		fail("setsid");
	if (policy->ranges.privileged && keyring_leave() != 0)
		fail("session keyring");
	if (chdir("/") != 0)
		fail("/");
	unprotect_from_oom();
	if (service->confined) {
		identity.no_new_privs = true;
		identity.limit_count = 0;
	}
	failed = identity_assume(&identity, &policy->ranges);
	if (failed != NULL)
		fail(failed);
	/* After the switch: setresuid clears it (prctl(2)). */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		fail("PR_SET_PDEATHSIG");
	if (getppid() != parent)
		_exit(EXIT_LAUNCH);
}

/* itk needs a descriptor for each socket; programs that use select(2) must not be given more than 1024. */
static void restore_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail("getrlimit");
	if (limit.rlim_cur > 1024)
		limit.rlim_cur = 1024;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail("setrlimit");
}

/* The worker's policy in a file without a name, which nobody can change any more. */
static int policy_file(const struct service *service)
{
	int fd = memfd_create("policy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t written = 0;

	if (fd < 0)
		fail("memfd_create");
	while (written < service->policy_length) {
		ssize_t done = write(fd, service->policy + written, service->policy_length - written);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			fail("writing the policy");
		written += (size_t)done;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
		fail("F_ADD_SEALS");
	if (lseek(fd, 0, SEEK_SET) != 0)
		fail("lseek");
	return fd;
}

_Noreturn void launch_worker(const struct policy *policy, const struct service *service, int connection)
{
	char *environment[] = {NULL};

	reset_signals();
	arrange(policy, service, connection, policy_file(service), above(service->executable));
	restore_open_files();
	become(policy, service);
	/* By descriptor: the file may lie in a folder that only root can enter. */
	(void)syscall(SYS_execveat, EXECUTABLE_FD, "", service->arguments, environment, AT_EMPTY_PATH);
	fail(service->worker);
}

/*
 * A FastCGI program waits in accept(2). On EAGAIN php-cgi's children end, and their parent forks new ones without
 * end. itk itself never accepts on such a listener, so it may block.
 */
static void wait_in_accept(void)
{
	int flags = fcntl(STDIN_FILENO, F_GETFL);

	if (flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags & ~O_NONBLOCK) != 0)
		fail("fcntl");
}

_Noreturn void launch_program(const struct policy *policy, const struct service *service)
{
	int folder = -1;

	reset_signals();
	if (service->folder != NULL) {
		folder = open(service->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (folder < 0)
			fail(service->folder);
	}
	arrange(policy, service, service->listener, folder, -1);
	wait_in_accept();
	restore_open_files();
	become(policy, service);
	(void)execve(service->program, service->arguments, service->environment);
	fail(service->program);
}

_Noreturn void launch_refusal(const struct policy *policy, const struct service *service, int milliseconds)
{
	struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
	int flags;

	reset_signals();
	arrange(policy, service, service->listener, -1, -1);
	become(policy, service);
	/* The end of the delay, even when the site holds us in accept. */
	(void)alarm((unsigned)milliseconds / 1000 + 1);
	flags = fcntl(STDIN_FILENO, F_GETFL);
	if (flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
		fail("fcntl");
	while (poll(&wait, 1, milliseconds) == 1 && (wait.revents & (POLLHUP | POLLERR)) == 0) {
		int connection = accept4(STDIN_FILENO, NULL, NULL, SOCK_CLOEXEC);

		if (connection >= 0)
			(void)close(connection);
		else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			break;
	}
	_exit(0);
}
