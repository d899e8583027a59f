#include "deny.h"

#include "direct.h"
#include "read-ahead.h"
#include "records.h"
#include "say.h"
#include "script.h"

#include <string.h>
#include <sys/socket.h>

static void put_header(uint8_t *at, enum record_type type, uint16_t request, size_t length)
{
	const uint8_t header[RECORD_HEADER] = {1, (uint8_t)type, (uint8_t)(request >> 8), (uint8_t)request,
					       (uint8_t)(length >> 8), (uint8_t)length};

	memcpy(at, header, sizeof header);
}

static void answer(int fd, uint16_t request, const char *text)
{
	size_t length = strlen(text);
	uint8_t bytes[160] = {0};
	size_t end = RECORD_HEADER + length;

	/* FCGI_END_REQUEST has eight bytes of zeros: FCGI_REQUEST_COMPLETE (FastCGI 1.0, section 5.5). */
	if (end + RECORD_HEADER + 8 > sizeof bytes)
		return;
	put_header(bytes, RECORD_STDOUT, request, length);
	memcpy(bytes + RECORD_HEADER, text, length);
	put_header(bytes + end, RECORD_END, request, 8);
	(void)direct_send(fd, bytes, end + RECORD_HEADER + 8, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void deny_more(int fd)
{
	(void)shutdown(fd, SHUT_RD);
	/* Unread bytes would make a reset of the close. */
	do
		ahead_clear();
	while (ahead_fill(fd, MSG_DONTWAIT) > 0);
}

void deny(int fd, const struct guard_refusal *refusal)
{
	char named[SCRIPT_MAX];

	script_note(named, refusal->script);
	say("not run: %s: %s", named[0] == '\0' ? "a request" : named, refusal->rule);
	answer(fd, refusal->request,
	       refusal->missing ? "Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nNot Found\n"
				: "Status: 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nForbidden\n");
	deny_more(fd);
}
