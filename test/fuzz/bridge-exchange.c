/* exchange.c, with a socket, in place of a program; what it needs of the rest of the bridge is played here. */
#include "bridge-peer.h"

#include "../../php-bridge/bridge/bridge.h"
#include "../../php-bridge/bridge/exchange.h"
#include "../../php-bridge/bridge/records.h"
#include "../../php-bridge/bridge/recycle.h"
#include "../../php-bridge/bridge/say.h"
#include "../../php-bridge/bridge/usage.h"
#include "../../php-bridge/bridge/wake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SENT_MAX 16384
#define USAGE_SIZE 32

enum choice { AS_PHP = 1, POLICY = 2, GIVEN_UP = 4, SEND = 8, PIECES = 16 };

struct bridge bridge;

bool recycle_due(void) { return false; }
void wake_server(void) {}
void wake_if_wanted(void) {}
void say(const char *format, ...) { (void)format; }
void usage_begin(bool first) { (void)first; }
void usage_pass(void) {}
struct usage usage_so_far(void) { return (struct usage){.microseconds = 1, .peak = 2}; }

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void write_all(int fd, const uint8_t *bytes, size_t count, uint8_t choice)
{
	size_t step = (choice & PIECES) != 0 ? 1 + count / 3 : count;

	while (count > 0) {
		ssize_t done = exchange_write(fd, bytes, step < count ? step : count,
					      (choice & SEND) != 0 ? MSG_NOSIGNAL : 0);

		must(done > 0 && (size_t)done <= count);
		bytes += done;
		count -= (size_t)done;
	}
}

/* The answer, in its pieces, must arrive with the record of usage right before its end, when that was asked for. */
static void answer(const int *ends, bool asked, uint8_t choice)
{
	static const uint8_t text[] = {1, 6, 0, 1, 0, 3, 5, 0, 1, 3, 0, 0, 0, 0, 0, 0};
	static const uint8_t end[] = {1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	uint8_t whole[sizeof text + sizeof end], got[sizeof whole + USAGE_SIZE + 1];
	ssize_t length;
	bool there;

	memcpy(whole, text, sizeof text);
	memcpy(whole + sizeof text, end, sizeof end);
	write_all(ends[0], whole, sizeof whole, choice);
	length = recv(ends[1], got, sizeof got, MSG_DONTWAIT);
	there = length == (ssize_t)(sizeof whole + USAGE_SIZE);
	/* A header of FCGI_END_REQUEST that comes in pieces is not waited for. */
	must(there || length == (ssize_t)sizeof whole);
	must(!there || asked);
	must(there || !asked || (choice & PIECES) != 0);
	must(memcmp(got, text, sizeof text) == 0 && memcmp(got + length - sizeof end, end, sizeof end) == 0);
	must(!there || (got[sizeof text + 1] == RECORD_USAGE && got[sizeof text + 5] == USAGE_SIZE - 8));
}

/* As php-cgi asks: for a header, then for what it announces. */
static size_t next_size(const struct records *records, uint8_t choice)
{
	if ((choice & AS_PHP) == 0)
		return 1 + (size_t)choice * 7;
	if (records_at_boundary(records))
		return RECORD_HEADER;
	return records->have < RECORD_HEADER ? RECORD_HEADER - records->have : records->length - records->have;
}

static void run(const int *ends, uint8_t choice, const uint8_t *data, size_t size)
{
	struct records records = {0};
	bool asked = false, active = false, ended = false;
	size_t taken = 0;

	while (exchange_is(ends[0])) {
		size_t room = next_size(&records, choice);
		uint8_t *buffer = malloc(room);
		const uint8_t *at = buffer;
		size_t left;
		ssize_t done;

		must(buffer != NULL);
		done = exchange_read(ends[0], buffer, room);
		must(done >= 0 && (size_t)done <= room && (size_t)done <= size - taken);
		must(memcmp(data + taken, buffer, (size_t)done) == 0);
		taken += (size_t)done;
		left = (size_t)done;
		while (records_next(&records, &at, &left)) {
			if (records.header[1] == RECORD_BEGIN) {
				active = true;
				asked = (records.body[2] & 0x80) != 0;
			} else if (active && records.header[1] == RECORD_STDIN && records.header[4] == 0 &&
				   records.header[5] == 0) {
				ended = true;
			}
		}
		if (ended && done > 0 && exchange_is(ends[0])) {
			answer(ends, asked, choice);
			active = ended = false;
		}
		free(buffer);
		if (done == 0)
			break;
	}
}

void peer_exchange(uint8_t choice, const uint8_t *data, size_t size)
{
	static struct board *board;
	static char root[] = "/etc", extension[] = "passwd";
	char *extensions[] = {extension};
	struct slot slot = {.state = (choice & GIVEN_UP) != 0 ? STATE_GIVEN_UP : STATE_IDLE};
	int ends[2];

	if (size > SENT_MAX)
		return;
	if (board == NULL)
		board = board_create(1);
	must(board != NULL && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	bridge = (struct bridge){.board = board, .slot = &slot};
	if ((choice & POLICY) != 0)
		bridge.settings.policy =
			(struct policy){.root = root, .extensions = extensions, .extension_count = 1};
	must(send(ends[1], data, size, MSG_NOSIGNAL) == (ssize_t)size);
	must(shutdown(ends[1], SHUT_WR) == 0);
	exchange_start(ends[0]);
	run(ends, choice, data, size);
	must(close(ends[0]) == 0 && close(ends[1]) == 0);
}
