/*
 * What itk tells the supervisor: fixed records on a pipe, made of numbers only. report.ts mirrors this file.
 */
#ifndef ITK_REPORT_H
#define ITK_REPORT_H

#include <stdint.h>

enum report_type {
	REPORT_READY = 1,     /* every socket is bound */
	REPORT_STARTED = 2,   /* a service or worker was started: pid */
	REPORT_ENDED = 3,     /* one ended: pid, value is its wait status */
	REPORT_THROTTLED = 4, /* a service died too fast: not started again for `value` milliseconds */
	REPORT_REBOUND = 5,   /* a fresh socket replaces one that its site may have broken */
	REPORT_FAILED = 6,    /* value is errno, detail a failure_step */
	REPORT_STRANGER = 7,  /* a peer that is not the fronts' uid was turned away: value is its uid */
	REPORT_FULL = 8,      /* a service has as many workers as it may have */
	REPORT_ORPHANS = 9,   /* value processes that had left their service were ended */
};

enum failure_step {
	STEP_FORK = 1,
	STEP_ACCEPT = 2,
	STEP_BIND = 3,
	STEP_WATCH = 4,
	STEP_SWEEP = 5,
};

#define REPORT_NO_SITE UINT32_MAX

struct report {
	uint32_t type;
	uint32_t site;
	char service[8];
	int32_t pid;
	int32_t value;
	uint32_t detail;
	uint32_t reserved;
};

_Static_assert(sizeof(struct report) == 32, "mirrored in TypeScript");

/*
 * PURPOSE     Sets the pipe to write to (made non-blocking: a slow supervisor must not stop itk).
 * RETURNS     0, or -1 with errno.
 */
int report_open(int fd);

/* PURPOSE  Sends one record; it is dropped when the pipe is full. */
void report_send(enum report_type type, uint32_t site, const char *service, int32_t pid, int32_t value,
		 uint32_t detail);

#endif
