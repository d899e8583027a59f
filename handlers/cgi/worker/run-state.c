#include "run-state.h"

#include "usage.h"
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* What a program gets to end in order after SIGTERM. */
#define KILL_AFTER 2000
/* How long a pipe must be silent, after its script has ended, until its other holders are given up on. */
#define QUIET_AFTER 250
/*
 * Most scripts write a small answer and end. Their answer and its end then go to the front in one piece, which halves
 * the front's work; for one that lives on, its first bytes come so many milliseconds later, which nobody sees.
 */
#define HOLD 3
#define HOLD_MAX 8192

int64_t now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time) != 0)
		return 0;
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool is_unheard(const struct run *run)
{
	return run->left || run->detached || run->session->connection.broken;
}

static ssize_t discard(int fd)
{
	unsigned char nowhere[16 * 1024];

	return read(fd, nowhere, sizeof nowhere);
}

bool run_may_read(const struct run *run)
{
	/* What is held gives way to what comes after it. */
	return is_unheard(run) || run->hold_until != 0 || connection_pending(&run->session->connection) == 0;
}

/* The front's lines of the log name the process. */
static void tell_script(struct run *run)
{
	uint32_t pid = (uint32_t)run->child->pid;
	unsigned char content[4] = {
		(unsigned char)(pid >> 24), (unsigned char)(pid >> 16), (unsigned char)(pid >> 8), (unsigned char)pid,
	};

	if (run->session->usage && connection_has_room(&run->session->connection))
		connection_record(&run->session->connection, FCGI_SCRIPT, run->session->id, content, sizeof content);
}

void run_relay(struct run *run, enum fcgi_type type, short events)
{
	struct session *session = run->session;
	int *fd = type == FCGI_STDOUT ? &run->child->output : &run->child->errors;
	/* After its timeout only what it says on stderr is of interest. */
	bool unheard = is_unheard(run) || (run->timed_out && type == FCGI_STDOUT);
	ssize_t got;

	if (*fd < 0 || !run_may_read(run))
		return;
	if (type == FCGI_STDERR && !unheard && !run->sent_errors && (events & POLLIN) != 0)
		tell_script(run);
	got = unheard ? discard(*fd) : connection_relay(&session->connection, type, session->id, *fd);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	run->quiet = now();
	if (got <= 0) {
		child_close(fd);
		return;
	}
	run->active = run->quiet;
	if (unheard)
		return;
	if (type == FCGI_STDOUT && !run->sent_output && !run->exited && got <= HOLD_MAX)
		run->hold_until = run->active + HOLD;
	else
		run->hold_until = 0;
	*(type == FCGI_STDOUT ? &run->sent_output : &run->sent_errors) = true;
	if (run->hold_until == 0)
		connection_flush(&session->connection);
}

void run_release(struct run *run)
{
	run->hold_until = 0;
	connection_flush(&run->session->connection);
}

bool run_is_front_slow(const struct run *run)
{
	const struct session *session = run->session;

	if (is_unheard(run))
		return false;
	/* It does not take the answer, or has not sent the input that the script may be waiting for. */
	return connection_pending(&session->connection) > 0 ||
	       (run->child->input >= 0 && session->input_length == 0 && !session->input_end);
}

static void begin_killing(struct run *run)
{
	if (run->kill_at != 0)
		return;
	child_signal(run->child, SIGTERM);
	run->kill_at = now() + KILL_AFTER;
}

/*
 * The answer is complete: a script that closed its output to work on unobserved, or whose client does not wait.
 * No second request can be served meanwhile, so the connection ends.
 */
static void detach(struct run *run)
{
	struct session *session = run->session;

	if (run->sent_output || run->child->output < 0)
		connection_record(&session->connection, FCGI_STDOUT, session->id, NULL, 0);
	session_end(session, 0);
	session->closing = true;
	run->detached = true;
	connection_flush(&session->connection);
}

void run_front_left(struct run *run)
{
	struct session *session = run->session;
	bool still_there = !session->connection.eof && !session->closing && !run->hung_up;

	child_close(&run->child->input);
	session->input_discard = true;
	session->input_length = 0;
	run->left = true;
	if (session->policy->kill_on_disconnect)
		begin_killing(run);
	else if (still_there && connection_has_room(&session->connection))
		detach(run);
}

/* RETURNS true for a script that has nothing more to say and nothing more to hear, but has not ended. */
static bool may_detach(const struct run *run)
{
	return run->child->output < 0 && run->child->input < 0 && !run->left && !run->detached && run->kill_at == 0;
}

/* When the next thing is due: never later than the one that poll waits for. 0: nothing is. */
static int64_t deadline(const struct run *run)
{
	int64_t timeout = (int64_t)run->session->policy->timeout;

	if (run->kill_at != 0 && !run->killed)
		return run->kill_at;
	if (run->exited || may_detach(run))
		return run->quiet + QUIET_AFTER;
	if (timeout > 0 && !run->killed && !run_is_front_slow(run))
		return run->active + timeout;
	return 0;
}

int run_wait(const struct run *run)
{
	int64_t due = deadline(run);
	int64_t left;

	if (run->hold_until != 0 && (due == 0 || run->hold_until < due))
		due = run->hold_until;
	if (due == 0)
		return -1;
	left = due - now();
	return left < 0 ? 0 : (int)left;
}

void run_check_time(struct run *run)
{
	int64_t due = deadline(run);

	if (due == 0 || now() < due)
		return;
	if (run->kill_at != 0 && !run->killed) {
		child_signal(run->child, SIGKILL);
		run->killed = true;
	} else if (run->exited) {
		/* Given up on: a process that the script left behind holds the pipes. */
		child_close(&run->child->output);
		child_close(&run->child->errors);
	} else if (may_detach(run)) {
		if (connection_has_room(&run->session->connection))
			detach(run);
	} else {
		worker_log("%s: nothing came for %llu ms: ending it (Timeout)", run->path,
		           (unsigned long long)run->session->policy->timeout);
		run->timed_out = true;
		begin_killing(run);
	}
}

bool run_is_over(const struct run *run)
{
	if (!run->exited)
		return false;
	if (run->kill_at != 0 || run->left || run->detached)
		return true;
	return run->child->output < 0 && run->child->errors < 0 && connection_has_room(&run->session->connection);
}

static void tell_usage(struct session *session, const struct rusage *usage, uint32_t status)
{
	unsigned char content[USAGE_LENGTH];

	usage_content(content, usage, status);
	connection_record(&session->connection, FCGI_USAGE, session->id, content, sizeof content);
}

void run_finish(struct run *run)
{
	struct session *session = run->session;
	struct connection *connection = &session->connection;
	struct rusage usage;
	uint32_t status;

	/* Before the script is reaped: afterwards the group's number might be somebody else's. */
	if (run->kill_at != 0)
		child_signal(run->child, SIGKILL);
	status = (uint32_t)child_reap(run->child, &usage);
	if (run->detached || connection->broken)
		return;
	if (run->sent_output)
		connection_record(connection, FCGI_STDOUT, session->id, NULL, 0);
	if (run->sent_errors)
		connection_record(connection, FCGI_STDERR, session->id, NULL, 0);
	if (session->usage)
		tell_usage(session, &usage, status);
	if (run->timed_out && run->sent_output)
		session->closing = true;
	session_end(session, run->timed_out ? APP_STATUS_HTTP | 504 : status);
}
