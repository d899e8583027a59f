/*
 * Fuzz target for everything in itk-cgi that understands bytes: FastCGI records, PARAMS, and the policy. libFuzzer's
 * entry point; test/fuzz/cgi-driver.c calls it where there is no libFuzzer.
 *
 * The first byte chooses: 0 the policy, otherwise a connection's bytes, cut into pieces of that size. Apart from what
 * the sanitizers find, one property is checked: where the bytes are cut must not change what is understood.
 */
#include "../../handlers/cgi/worker/environment.h"
#include "../../handlers/cgi/worker/fastcgi.h"
#include "../../handlers/cgi/worker/names.h"
#include "../../handlers/cgi/worker/params.h"
#include "../../handlers/cgi/worker/policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t digest;
	unsigned char params[1 << 16];
	size_t params_length;
	bool bad;
};

static void note(struct seen *seen, uint64_t value)
{
	seen->digest = (seen->digest ^ value) * 1099511628211u;
}

static void take(struct seen *seen, const struct fcgi_event *event)
{
	/* Slices of a stream differ with the cuts; their bytes, and the stream's end, do not. */
	if (event->length == 0 || (event->type != FCGI_PARAMS && event->type != FCGI_STDIN))
		note(seen, (uint64_t)event->type << 40 | (uint64_t)event->id << 24 | (uint64_t)event->role << 8 |
		     (uint64_t)event->usage << 1 | event->keep);
	for (size_t i = 0; i < event->length; i++)
		note(seen, (uint64_t)event->type << 8 | event->data[i]);
	if (event->type == FCGI_PARAMS && event->length > 0 && event->length <= sizeof seen->params - seen->params_length) {
		memcpy(seen->params + seen->params_length, event->data, event->length);
		seen->params_length += event->length;
	}
}

/* As connection.c does it: the rest that was not taken stands before the next piece. */
static void decode(const uint8_t *data, size_t size, size_t piece, struct seen *seen)
{
	struct fcgi_decoder decoder = {0};
	size_t start = 0;
	size_t end = 0;

	while (end < size) {
		enum fcgi_result result;

		end = size - end < piece ? size : end + piece;
		do {
			/* A copy of its own, so that a read past the end is seen. */
			unsigned char *bytes = malloc(end - start + 1);
			struct fcgi_event event;
			size_t used;

			if (bytes == NULL)
				abort();
			memcpy(bytes + 1, data + start, end - start);
			result = fcgi_next(&decoder, bytes + 1, end - start, &used, &event);
			if (used > end - start || (result == FCGI_BAD && decoder.problem == NULL))
				abort();
			if (result == FCGI_EVENT)
				take(seen, &event);
			start += used;
			free(bytes);
		} while (result == FCGI_EVENT);
		if (result == FCGI_BAD) {
			seen->bad = true;
			return;
		}
	}
}

static void check_vectors(const struct params *params)
{
	char *env[] = {(char[]){"PATH=/bin"}, (char[]){"HTTP_A=b"}};
	struct policy policy = {.env = {.at = env, .count = 2}};
	struct vector envp, argv;

	if (environment_make(&policy, params, &envp) != 0 || arguments_make("/x.cgi", params, &argv) != 0)
		abort();
	for (size_t i = 0; envp.at[i] != NULL; i++) {
		const char *equals = strchr(envp.at[i], '=');

		if (equals == NULL || (i >= 2 && !is_meta_variable(envp.at[i], (size_t)(equals - envp.at[i]))))
			abort();
		if (strncmp(envp.at[i], "HTTP_PROXY=", 11) == 0 || (i >= 2 && strncmp(envp.at[i], "HTTP_A=", 7) == 0))
			abort();
	}
	for (size_t i = 1; argv.at[i] != NULL; i++)
		if (argv.at[i][0] == '-' || argv.at[i][0] == '\0')
			abort();
	vector_free(&envp);
	vector_free(&argv);
}

static void connection(const uint8_t *data, size_t size, size_t piece)
{
	static struct seen whole, cut;
	static struct params params;
	unsigned char *exact;

	whole.digest = cut.digest = 0;
	whole.params_length = cut.params_length = 0;
	whole.bad = cut.bad = false;
	decode(data, size, size, &whole);
	decode(data, size, piece, &cut);
	if (whole.digest != cut.digest || whole.bad != cut.bad)
		abort();
	exact = malloc(whole.params_length + 1);
	if (exact == NULL)
		abort();
	memcpy(exact + 1, whole.params, whole.params_length);
	if (params_parse(exact + 1, whole.params_length, &params) == 0)
		check_vectors(&params);
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy policy;
	char problem[160];

	if (size == 0)
		return 0;
	if (data[0] != 0) {
		connection(data + 1, size - 1, data[0]);
		return 0;
	}
	if (policy_parse(data + 1, size - 1, &policy, problem, sizeof problem) == 0 && policy.site == NULL)
		abort();
	policy_free(&policy);
	return 0;
}
