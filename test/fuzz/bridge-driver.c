/*
 * Drives the target without libFuzzer: connections and settings that make sense, then a few random changes.
 *
 *     bridge-driver SEED SECONDS      0 seconds: a fixed number of inputs, the same on every machine
 */
#include "driver.h"

#include <string.h>

#define FIXED_INPUTS 60000

static void put_byte(size_t byte)
{
	put((const uint8_t[]){(uint8_t)byte}, 1);
}

static void put_pair(const char *name, size_t name_length, const char *value, size_t length)
{
	put_byte(name_length);
	if (below(4) == 0)
		put("\x80\0\0", 3);
	put_byte(length);
	put(name, name_length);
	put(value, length);
}

static void put_header(size_t type, size_t length, size_t padding)
{
	const uint8_t header[] = {1, (uint8_t)type, 0, 1, (uint8_t)(length >> 8), (uint8_t)length, (uint8_t)padding, 0};

	put(header, sizeof header);
}

static void put_record(size_t type, const uint8_t *content, size_t length)
{
	size_t padding = below(3) == 0 ? below(20) : 0;

	put_header(type, length, padding);
	put(content, length);
	put((const uint8_t[20]){0}, padding);
}

/* What an honest front asks, and now and then what none would. */
static void put_params(void)
{
	static const char *const names[] = {"SCRIPT_FILENAME", "DOCUMENT_ROOT", "REDIRECT_URL", "PATH_TRANSLATED",
		"SCRIPT_FILENAME=x", "HTTP_COOKIE", ""};
	static const char *const values[] = {"/etc/passwd", "/etc", "/etc/passwd/x", "/etc/./passwd", "/bin/sh", "", "x"};
	static uint8_t pairs[INPUT_MAX];
	size_t start = used, length;

	put_pair("SCRIPT_FILENAME", 15, "/etc/passwd", 11);
	put_pair("DOCUMENT_ROOT", 13, "/etc", 4);
	for (size_t i = below(4); i > 0; i--) {
		const char *name = below(3) > 0 ? "PATH_TRANSLATED" : names[below(sizeof names / sizeof *names)];
		const char *value = values[below(sizeof values / sizeof *values)];

		put_pair(name, strlen(name), value, strlen(value));
	}
	length = used - start;
	memcpy(pairs, input + start, length);
	used = start;
	for (size_t at = 0; at < length;) {
		size_t step = below(2) == 0 ? length - at : 1 + below(length - at);

		put_record(4, pairs + at, step);
		at += step;
	}
	put_header(4, 0, 0);
}

static void put_connection(void)
{
	/* As often over a socket as in pieces. */
	put_byte(below(2) == 0 ? 1 : 2 + below(254));
	put_byte(below(256));
	for (size_t i = below(3) + 1; i > 0; i--) {
		put_record(1, (const uint8_t[]){0, 1, (uint8_t)(below(2) | (below(2) << 7)), 0, 0, 0, 0, 0}, 8);
		put_params();
		if (below(3) == 0)
			put_record(5, (const uint8_t *)"body of some bytes", below(18));
		put_header(5, 0, below(5));
	}
}

static void put_settings(void)
{
	static const char *const words[] = {"lifetime=pool", "children=3", "spare=1", "idle=0", "timeout=99999999999", "kill=1",
		"root=/srv/a%20b", "root=%2", "root=%00", "extension=.php", "extension=.%C3", "extension=", "memory=1", " ", "="};

	put_byte(0);
	for (size_t i = below(8); i > 0; i--) {
		const char *word = words[below(sizeof words / sizeof *words)];

		put(word, strlen(word));
		put(" ", 1);
	}
}

static void make(void)
{
	static const uint8_t odd[] = {0, 1, 4, 5, '/', '.', '%', 0x80, 0xff};

	if (below(8) == 0)
		put_settings();
	else
		put_connection();
	mutate(odd, sizeof odd);
}

int main(int argc, char **argv)
{
	return drive(argc, argv, FIXED_INPUTS, make);
}
