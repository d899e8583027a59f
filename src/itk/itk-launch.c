/*
 * itk-launch PROGRAM ARGUMENT…: executes PROGRAM with no_new_privs set, in a session of its own and, as root,
 * without the caller's session keyring. The flag and the keyring belong to a thread (prctl(2)), so that must be done
 * before Node starts its own.
 *
 * itk-launch --as UID GID PROGRAM ARGUMENT…: as that user, who has no other group and never is root.
 *
 * itk-launch --self-test: tries the system calls that the programs in C need; one line for each that is missing.
 */
#include "identity.h"
#include "keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool works(const char *name, long result)
{
	if (result >= 0)
		return true;
	(void)printf("%s: %s: Linux 5.9 or newer is needed, and a container must allow it\n", name, strerror(errno));
	return false;
}

static int self_test(void)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	bool ok = works("openat2", syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof how));

	ok &= works("close_range", syscall(SYS_close_range, 1000U, 1001U, 0U));
	ok &= works("memfd_create", memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	ok &= works("pidfd_open", syscall(SYS_pidfd_open, getpid(), 0U));
	ok &= works("PR_SET_CHILD_SUBREAPER", prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	ok &= works("/proc/thread-self/children", access("/proc/thread-self/children", R_OK));
	return ok ? 0 : 1;
}

static bool number(const char *text, uint32_t *out)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	*out = (uint32_t)value;
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value < UINT32_MAX;
}

/* 0, or the exit status. */
static int become(const char *uid, const char *gid)
{
	struct id_ranges any = {.uid_max = UINT32_MAX, .gid_max = UINT32_MAX, .front_uid = (uid_t)-1, .front_gid = (gid_t)-1,
		.privileged = true};
	struct identity identity = {.umask = S_IWGRP | S_IWOTH, .no_new_privs = true};
	const char *failed;

	if (!number(uid, &identity.uid) || !number(gid, &identity.gid)) {
		(void)fprintf(stderr, "itk-launch: --as: not ids\n");
		return 64;
	}
	failed = identity_assume(&identity, &any);
	if (failed == NULL)
		return 0;
	(void)fprintf(stderr, "itk-launch: --as: %s: %s\n", failed, strerror(errno));
	return 71;
}

int main(int count, char **arguments)
{
	bool switches = count > 4 && strcmp(arguments[1], "--as") == 0;
	char **program = arguments + (switches ? 4 : 1);

	if (count == 2 && strcmp(arguments[1], "--self-test") == 0)
		return self_test();
	if (count < 2) {
		(void)fprintf(stderr, "usage: itk-launch [--as UID GID] PROGRAM [ARGUMENT ...]\n");
		return 64;
	}
	/*
	 * A front keeps root's terminal as its stderr. As the controlling terminal of its session, it would let the front
	 * type into root's shell (TIOCSTI). EPERM: it leads a session already.
	 */
	if (setsid() < 0 && errno != EPERM) {
		(void)fprintf(stderr, "itk-launch: setsid: %s\n", strerror(errno));
		return 71;
	}
	if (geteuid() == 0 && keyring_leave() != 0) {
		(void)fprintf(stderr, "itk-launch: session keyring: %s\n", strerror(errno));
		return 71;
	}
	if (switches) {
		int failed = become(arguments[2], arguments[3]);

		if (failed != 0)
			return failed;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		(void)fprintf(stderr, "itk-launch: PR_SET_NO_NEW_PRIVS: %s\n", strerror(errno));
		return 71;
	}
	(void)execv(program[0], program);
	(void)fprintf(stderr, "itk-launch: %s: %s\n", program[0], strerror(errno));
	return 127;
}
