/* What run.c knows of a running script, and the decisions about its time and its end. */
#ifndef CGI_RUN_STATE_H
#define CGI_RUN_STATE_H

#include "child.h"
#include "session.h"

struct run {
	struct session *session;
	struct child *child;
	const char *path;
	int64_t active;  /* when the script last gave or took anything; milliseconds of the monotonic clock, all three */
	int64_t quiet;   /* when its output was last heard of */
	int64_t kill_at; /* 0: not being ended; then when SIGKILL follows SIGTERM */
	bool killed;     /* SIGKILL has been sent */
	bool exited;     /* not reaped until the end, so that its pid, the group's name, stays its own */
	bool sent_output;
	bool sent_errors;
	bool timed_out;
	bool hung_up;  /* the front has closed the connection; some of what it sent may be unread */
	bool left;     /* nobody waits for the answer: output goes nowhere */
	bool detached; /* the answer is complete, the script works on: as `left`, but nobody gave up on it */
	bool errors_first;
	int64_t hold_until; /* 0, or until when the answer's beginning waits for its end: see HOLD */
};

/* RETURNS milliseconds of the monotonic clock. */
int64_t now(void);

/*
 * PURPOSE     Moves what the script wrote on (once), or throws it away.
 * PARAMETERS  events: what poll(2) said of its pipe.
 */
void run_relay(struct run *run, enum fcgi_type type, short events);

/* PURPOSE  Lets go of what is held back. */
void run_release(struct run *run);

/* RETURNS true when output may be read now: a front that does not take it holds the script up through its pipe. */
bool run_may_read(const struct run *run);

/* RETURNS true when it is the front, not the script, that everybody waits for. */
bool run_is_front_slow(const struct run *run);

/* RETURNS how long poll may wait, in milliseconds; -1: for ever. */
int run_wait(const struct run *run);

/* PURPOSE  The front aborted, closed, or broke the protocol: ends the script, or lets it work on unheard. */
void run_front_left(struct run *run);

/* PURPOSE  Acts on whatever time has run out. */
void run_check_time(struct run *run);

/* RETURNS true when nothing more is to come from the script. */
bool run_is_over(const struct run *run);

/* PURPOSE  Reaps the script and ends the request. */
void run_finish(struct run *run);

#endif
