/*
 * What the workers (itk-files, itk-cgi) have in common. A worker is started by itk, already switched to its
 * site's identity, with descriptor 0 the accepted connection to a front, 1 /dev/null, 2 the log socket,
 * 3 the worker's policy (a sealed memfd, see records.h).
 */
#ifndef ITK_WORKER_H
#define ITK_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#define WORKER_CONNECTION 0
#define WORKER_POLICY 3

/*
 * PURPOSE     First thing in main: not dumpable, SIGPIPE ignored, end with itk (PDEATHSIG), descriptors above 3
 *             closed, and a look at our own identity: any capability, or uid 0, ends the process.
 * RETURNS     Only when all is well; otherwise it has logged and exited with status 70.
 */
void worker_begin(void);

/*
 * PURPOSE     Reads descriptor WORKER_POLICY and closes it.
 * RETURNS     The bytes (malloc) and *length; exits with status 70 when it cannot.
 */
unsigned char *worker_policy(size_t *length);

/*
 * PURPOSE     SO_PEERCRED of WORKER_CONNECTION must be `uid`. The check is for the case that the socket's mode
 *             failed to keep somebody out.
 * RETURNS     Only when it is; otherwise it has logged and exited with status 77.
 */
void worker_check_peer(unsigned long uid);

/* PURPOSE  One line on stderr (printf-like, a newline is added, control characters become '?'). */
void worker_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* PURPOSE  worker_log, then _exit(status). */
_Noreturn void worker_die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
