/*
 * Drives the target without libFuzzer: inputs of tokens that the parsers know, then a few random changes.
 *
 *     files-driver SEED SECONDS      0 seconds: a fixed number of inputs, the same on every machine
 */
#include "driver.h"

#include <string.h>

#define FIXED_INPUTS 60000

static void put_policy(void)
{
	static const char *const keys[] = {"site", "front-uid", "root", "script-root", "script", "index", "fallback",
		"symlinks", "deny", "local", "other"};
	static const char *const values[] = {"/srv/www", "0", "4294967295", "owner", "ef53", "*", ".ht*", "/index.php",
		"/a/../b", "x/y", "", "123456789"};

	for (size_t i = below(12); i > 0; i--) {
		const char *key = keys[below(sizeof keys / sizeof *keys)];
		const char *value = values[below(sizeof values / sizeof *values)];
		uint32_t lengths[] = {(uint32_t)strlen(key), (uint32_t)strlen(value)};

		put(lengths, sizeof lengths);
		put(key, lengths[0]);
		put(value, lengths[1]);
	}
}

static void put_request(void)
{
	static const char *const parts[] = {"/", "/a", "/.", "/..", "/...", "/.a", "//", "/a/", "a", "\0", "/%2e"};
	uint8_t head[24] = {1, 0, 0, 0, (uint8_t)(1 + below(2)), (uint8_t)below(4)};

	put(head, sizeof head);
	for (size_t i = below(8); i > 0; i--) {
		size_t part = below(sizeof parts / sizeof *parts);

		put(parts[part], part == 9 ? 1 : strlen(parts[part]));
	}
	if (below(50) == 0)
		for (size_t i = 0; i < 5000; i++)
			put("/x", 2);
}

static void put_htaccess(void)
{
	static const char *const words[] = {"Require", "all", "denied", "Deny", "from", "<Files x>", "</Files>",
		"<IfModule mod_authz_core.c>", "</IfModule>", "#", "\\\n", "\\\r\n", "\n", "\r\n", "\"", "'", "\\", " ", "\t",
		"<", ">", "</", "Options"};

	for (size_t i = below(60); i > 0; i--) {
		const char *word = words[below(sizeof words / sizeof *words)];

		put(word, strlen(word));
		if (below(3) > 0)
			put(" ", 1);
	}
}

static void make(void)
{
	static const uint8_t odd[] = {0, 1, '\n', '/', '.', 0x7f, 0x80, 0xff};
	static void (*const build[])(void) = {put_policy, put_request, put_htaccess};

	used = 1;
	input[0] = (uint8_t)below(3);
	build[input[0]]();
	mutate(odd, sizeof odd);
}

int main(int argc, char **argv)
{
	return drive(argc, argv, FIXED_INPUTS, make);
}
