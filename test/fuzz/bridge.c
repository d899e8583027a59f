/*
 * Fuzz target for what the bridge understands of a connection and of its settings: FastCGI records and name-value pairs,
 * in pieces of any size, the policy for scripts, and the record that it puts into an answer. libFuzzer's entry point;
 * bridge-driver.c calls it where there is no libFuzzer.
 *
 * The first byte chooses: 0 the settings, 1 a whole exchange over a socket, otherwise a connection's bytes, cut into
 * pieces of that size (the second byte is for the exchange). Apart from what the sanitizers find, these are checked: where bytes are cut changes nothing; and
 * whatever is let through names, to a reader that is no code of ours, a script that the policy allows.
 */
#include "bridge-peer.h"

#include "../../php-bridge/bridge/guard.h"
#include "../../php-bridge/bridge/records.h"
#include "../../php-bridge/bridge/settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A copy in a block of exactly this size: a read beyond it is seen. */
static uint8_t *exactly(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);

	must(copy != NULL);
	memcpy(copy, data, size);
	return copy;
}

static void fuzz_settings(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct settings settings;

	must(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	if (settings_parse(text, &settings)) {
		must(settings.children > 0 && settings.spare <= settings.children);
		must((settings.policy.root == NULL) == (settings.policy.extension_count == 0));
		must(settings.policy.root == NULL || settings.policy.root[0] == '/');
	}
	policy_free(&settings.policy);
	free(text);
}

struct seen {
	uint64_t digest;
	size_t records;
	bool refused;
	const char *rule;
};

static void note(struct seen *seen, uint64_t value)
{
	seen->digest = (seen->digest ^ value) * 1099511628211u;
}

static struct seen follow(const struct policy *policy, const uint8_t *data, size_t size, size_t piece)
{
	struct records records = {0};
	struct guard_refusal refusal;
	struct seen seen = {0};

	guard_start();
	for (size_t start = 0; start < size && !seen.refused; start += piece) {
		size_t length = size - start < piece ? size - start : piece;
		uint8_t *bytes = exactly(data + start, length);
		const uint8_t *at = bytes;
		size_t left = length;

		if (!guard_allows(policy, bytes, length, &refusal)) {
			seen.refused = true;
			seen.rule = refusal.rule;
		} else if (guard_new_script() != NULL) {
			guard_end();
		}
		while (!seen.refused && records_next(&records, &at, &left)) {
			seen.records++;
			for (size_t i = 0; i < RECORD_HEADER; i++)
				note(&seen, (uint64_t)records.header[i] << 8 | records.body[i]);
		}
		must(seen.refused || left == 0);
		free(bytes);
	}
	return seen;
}

/* records_find and records_held against reading record by record. */
static void check_search(const uint8_t *data, size_t size)
{
	struct records none = {0};
	uint8_t *bytes = exactly(data, size);
	size_t at = 0, found = size;
	bool begun = false, whole = false;
	uint8_t id[2];

	while (size - at >= RECORD_HEADER) {
		size_t length = RECORD_HEADER + ((size_t)data[at + 4] << 8 | data[at + 5]) + data[at + 6];

		if (found == size && data[at + 1] == RECORD_END)
			found = at;
		if (length > size - at)
			break;
		begun = begun || data[at + 1] == RECORD_BEGIN;
		whole = whole || (begun && data[at + 1] == RECORD_STDIN && data[at + 4] == 0 && data[at + 5] == 0);
		at += length;
	}
	must(records_find(&none, RECORD_END, bytes, size) == found);
	must((records_held(bytes, size, id) == HELD_REQUEST) == whole);
	free(bytes);
}

static void fuzz_connection(const uint8_t *data, size_t size, size_t piece)
{
	char *extensions[] = {(char[]){"passwd"}};
	struct policy policy = {.root = (char[]){"/etc"}, .extensions = extensions, .extension_count = 1};
	struct policy none = {0};
	struct seen whole, cut;

	/* One request is told apart from the next by its answer: pieces may not hold two. */
	whole = follow(&policy, data, size, 1);
	cut = follow(&policy, data, size, piece);
	must(whole.refused || cut.refused || (whole.digest == cut.digest && whole.records == cut.records));
	must(!whole.refused || cut.refused);
	must(!follow(&none, data, size, piece).refused);
	if (!cut.refused)
		must(peer_allows(&policy, data, size));
	check_search(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (data[0] == 0)
		fuzz_settings(data + 1, size - 1);
	else if (data[0] == 1)
		peer_exchange(data[1], data + 2, size - 2);
	else
		fuzz_connection(data + 2, size - 2, data[0]);
	return 0;
}
