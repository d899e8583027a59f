/* Starting a script: a process in a session of its own, with pipes for its three standard descriptors. */
#ifndef CGI_CHILD_H
#define CGI_CHILD_H

#include <sys/resource.h>
#include <sys/types.h>

struct child {
	pid_t pid;  /* also its process group */
	int pidfd;  /* readable when it has ended */
	int input;  /* our ends of its pipes, non-blocking; -1: closed */
	int output;
	int errors;
};

/*
 * PURPOSE     Starts "./name" in `folder`.
 * PARAMETERS  argv, envp: NULL-terminated.
 * RETURNS     0 and *child; -1 with errno when there are no pipes or processes to be had; a positive errno when
 *             the process was there but execve failed.
 */
int child_start(int folder, const char *name, char *const *argv, char *const *envp, struct child *child);

/* PURPOSE  Closes one of the child's pipes, if it is open, and marks it closed. */
void child_close(int *pipe);

/* PURPOSE  Sends a signal to the script's process group. Only while it has not been reaped: its pid is then its own. */
void child_signal(const struct child *child, int signal);

/*
 * PURPOSE     Waits for a script that has ended, closes everything.
 * PARAMETERS  usage: of the script and of what it started and waited for.
 * RETURNS     Its wait status.
 */
int child_reap(struct child *child, struct rusage *usage);

#endif
