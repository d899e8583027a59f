/*
 * itk-launch PROGRAM ARGUMENT…: executes PROGRAM with no_new_privs set. The flag belongs to a thread (prctl(2)),
 * so it must be there before Node starts its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	if (count < 2) {
		(void)fprintf(stderr, "usage: itk-launch PROGRAM [ARGUMENT ...]\n");
		return 64;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		(void)fprintf(stderr, "itk-launch: PR_SET_NO_NEW_PRIVS: %s\n", strerror(errno));
		return 71;
	}
	(void)execv(arguments[1], arguments + 1);
	(void)fprintf(stderr, "itk-launch: %s: %s\n", arguments[1], strerror(errno));
	return 127;
}
