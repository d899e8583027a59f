#include "exchange.h"

#include "bridge.h"
#include "deny.h"
#include "give-up.h"
#include "guard.h"
#include "read-ahead.h"
#include "recycle.h"
#include "records.h"
#include "script.h"
#include "usage.h"
#include "usage-record.h"
#include "wake.h"

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How often a child looks by itself, where the fork server cannot reach its connection. */
#define BLIND_MS 200
#define KEEP_CONN 1
/* A flag of ours, of the seven that FastCGI 1.0 (5.1) keeps for later: the front asks what the request uses. */
#define ASK_USAGE 0x80

static int connection = -1;
static bool active; /* a request has begun and not ended */
static bool keep;   /* FCGI_KEEP_CONN of the last request */
static bool asked;  /* ASK_USAGE of the last request */
static bool shut;   /* given up: no other request can come */
static int64_t silent_since;
static struct records in, out;

void exchange_start(int fd)
{
	connection = fd;
	active = false;
	keep = false;
	shut = false;
	in = out = (struct records){0};
	ahead_clear();
	guard_start();
}

bool exchange_is(int fd)
{
	return fd >= 0 && fd == connection;
}

static void finished(void)
{
	connection = -1;
	slot_enter(bridge.board, bridge.slot, STATE_CLOSING);
}

/* A request may come: it is known to run before any of it is read. True when the connection had been given up. */
static bool take_to_run(struct slot *slot)
{
	for (;;) {
		uint32_t state = atomic_load(&slot->state);

		/* It may change in between: the fork server gives up, and takes that back (give_up_idle). */
		if (state == STATE_RUNNING || slot_change(slot, state, STATE_RUNNING))
			return state == STATE_GIVEN_UP;
	}
}

/* Idle is only what can be given up. */
static enum state between(void)
{
	return shut ? STATE_CLOSING : STATE_IDLE;
}

/*
 * False when the wait was interrupted by a signal (errno). With poll(2), although it is a system call more: a process
 * that sleeps in recv(2) is also woken when its peer reads what was sent before.
 */
static bool wait_for_bytes(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	for (;;) {
		int ready = poll(&wait, 1, atomic_load(&bridge.board->blind) != 0 ? BLIND_MS : -1);

		if (ready < 0)
			return false;
		if (ready > 0 || atomic_load(&bridge.slot->state) == STATE_GIVEN_UP)
			return true;
	}
}

/* True when a request, or the connection's end, can be read; false with `result` as read(2) is to return it. */
static bool wait_for_request(int fd, ssize_t *result)
{
	const uint8_t *bytes;

	if (recycle_due() && slot_change(bridge.slot, STATE_IDLE, STATE_GIVEN_UP))
		atomic_store(&bridge.slot->since, clock_ms());
	if (atomic_load(&bridge.slot->state) != STATE_GIVEN_UP && ahead_bytes(&bytes) == 0 && !wait_for_bytes(fd)) {
		*result = -1;
		return false;
	}
	silent_since = atomic_load(&bridge.slot->since);
	atomic_store(&bridge.slot->since, clock_ms());
	if (take_to_run(bridge.slot)) {
		shut = true;
		if (!give_up_own(fd)) {
			finished();
			*result = 0;
			return false;
		}
	}
	wake_if_wanted();
	return true;
}

ssize_t exchange_read(int fd, void *buffer, size_t size)
{
	const uint8_t *bytes = buffer;
	struct guard_refusal refusal;
	const char *script;
	size_t count;
	ssize_t done;

	if (!active && records_at_boundary(&in) && !wait_for_request(fd, &done))
		return done;
	done = ahead_read(fd, buffer, size);
	if (done <= 0) {
		if (!active && size > 0 && (done == 0 || (errno != EINTR && errno != EAGAIN)))
			finished();
		return done;
	}
	count = (size_t)done;
	while (records_next(&in, &bytes, &count)) {
		if (in.header[1] != RECORD_BEGIN)
			continue;
		active = true;
		/* It may have come with the rest of the request before. */
		if (atomic_load(&bridge.slot->state) != STATE_RUNNING) {
			atomic_store(&bridge.slot->since, clock_ms());
			(void)take_to_run(bridge.slot);
		}
		keep = (in.body[2] & KEEP_CONN) != 0;
		asked = (in.body[2] & ASK_USAGE) != 0;
		if (asked)
			usage_begin(atomic_load(&bridge.slot->requests) == 0);
		else
			usage_pass();
		atomic_fetch_add(&bridge.slot->requests, 1);
	}
	if (!guard_allows(&bridge.settings.policy, buffer, (size_t)done, &refusal)) {
		deny(fd, &refusal);
		active = false;
		finished();
		return 0;
	}
	script = guard_new_script();
	if (script != NULL)
		script_note(bridge.slot->script, script);
	/*
	 * A management record (FastCGI 1.0, section 4) is no request, nor is what the program had left of the STDIN
	 * before: its client has been silent as long as it was.
	 */
	if (!active && records_at_boundary(&in)) {
		atomic_store(&bridge.slot->since, silent_since);
		atomic_store(&bridge.slot->state, (uint32_t)between());
	}
	return done;
}

ssize_t exchange_write(int fd, const void *buffer, size_t size, int flags)
{
	const uint8_t *bytes = buffer;
	bool cut = active && keep && bridge.settings.policy.root != NULL && guard_is_cut();
	size_t end = active && (asked || cut) ? records_find(&out, RECORD_END, bytes, size) : size;
	size_t count;
	ssize_t done;

	/* Before the peer can know of the end and send another request. */
	if (cut && end < size)
		deny_more(fd);
	if (asked && end < size)
		done = usage_write(fd, bytes, size, end, flags);
	else
		done = flags == 0 ? syscall(SYS_write, fd, buffer, size)
				  : syscall(SYS_sendto, fd, buffer, size, flags, NULL, 0);
	if (done <= 0)
		return done;
	count = (size_t)done;
	while (records_next(&out, &bytes, &count)) {
		if (out.header[1] != RECORD_END || !active)
			continue;
		active = false;
		guard_end();
		if (cut)
			deny_more(fd);
		if (keep && !cut)
			slot_enter(bridge.board, bridge.slot, between());
		else
			finished();
		wake_if_wanted();
	}
	return done;
}
