/*
 * Drives a libFuzzer target without libFuzzer: builds plausible inputs from a seed, mutates them, and calls it.
 *
 *     cgi-driver SEED SECONDS      0 seconds: a fixed number of inputs, the same on every machine
 *     cgi-driver - FILE...         the inputs in these files
 */
#include "driver.h"

#include <stdio.h>
#include <string.h>

#define FIXED_INPUTS 40000

static void put_byte(uint8_t byte)
{
	put(&byte, 1);
}

static void put_pair(void)
{
	static const char *const names[] = {"SCRIPT_FILENAME", "QUERY_STRING", "REQUEST_METHOD", "HTTP_PROXY", "HTTP_A",
	                                    "LD_PRELOAD", "PATH", "SSL_X", "HTTP_HOST", ""};
	static const char *const values[] = {"/srv/x.cgi", "GET", "a+b%20c+$d", "a=b", "", "%2", "+", "one+-two", "HEAD"};
	const char *name = names[below(sizeof names / sizeof *names)];
	const char *value = values[below(sizeof values / sizeof *values)];
	uint8_t wide = below(4) == 0;

	put_byte((uint8_t)strlen(name));
	if (wide) {
		put_byte(0x80);
		put_byte(0);
		put_byte(0);
	}
	put_byte((uint8_t)strlen(value));
	put(name, strlen(name));
	put(value, strlen(value));
}

static void put_record(void)
{
	static const uint8_t types[] = {1, 1, 2, 4, 4, 4, 5, 5, 9, 8, 77};
	uint8_t type = types[below(sizeof types)];
	uint8_t padding = below(3) == 0 ? (uint8_t)below(256) : 0;
	size_t header = used;
	size_t length;

	for (int i = 0; i < 8; i++)
		put_byte(0);
	if (type == 1) {
		put((const char[]){0, 1, (char)below(2), 0, 0, 0, 0, 0}, 8);
	} else if (type == 4 || type == 9) {
		for (size_t i = below(6); i > 0; i--)
			put_pair();
	} else {
		for (size_t i = below(40); i > 0; i--)
			put_byte((uint8_t)below(256));
	}
	length = used - header - 8;
	if (used + padding + 8 > sizeof input || header + 8 > sizeof input)
		return;
	memcpy(input + header, (uint8_t[]){1, type, 0, (uint8_t)(type == 9 || type == 77 ? 0 : 1), (uint8_t)(length >> 8),
	                                   (uint8_t)length, padding, 0}, 8);
	for (uint8_t i = 0; i < padding; i++)
		put_byte(0);
}

static void put_policy(void)
{
	static const char *const lines[][2] = {
		{"site", "shop"}, {"front-uid", "33"}, {"root", "/srv/www//"}, {"script-root", "/"}, {"extension", ".cgi"},
		{"timeout", "60000"}, {"check-owner", "1"}, {"kill-on-disconnect", "0"}, {"symlinks", "owner"},
		{"env", "PATH=/bin"}, {"env", "BAD"}, {"root", "x"}, {"front-uid", "99999999999999999999"}, {"colour", "red"},
	};

	for (size_t i = 2 + below(12), n = 0; n < i; n++) {
		const char *const *line = n < 2 ? lines[n] : lines[below(sizeof lines / sizeof *lines)];

		for (int part = 0; part < 2; part++)
			put((const char[]){(char)strlen(line[part]), 0, 0, 0}, 4);
		put(line[0], strlen(line[0]));
		put(line[1], strlen(line[1]));
	}
}

static int replay(const char *name)
{
	FILE *file = fopen(name, "rb");

	if (file == NULL) {
		perror(name);
		return 1;
	}
	used = fread(input, 1, sizeof input, file);
	fclose(file);
	LLVMFuzzerTestOneInput(input, used);
	return 0;
}

static void make(void)
{
	static const uint8_t odd[] = {0, 1, 8, 0x7f, 0x80, 0xff};

	put_byte(below(5) == 0 ? 0 : (uint8_t)(1 + below(255)));
	if (input[0] == 0)
		put_policy();
	else
		for (size_t i = 1 + below(12); i > 0; i--)
			put_record();
	mutate(odd, sizeof odd);
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc > 2 && strcmp(argv[1], "-") == 0) {
		for (int i = 2; i < argc; i++)
			failed |= replay(argv[i]);
		return failed;
	}
	return drive(argc, argv, FIXED_INPUTS, make);
}
