/*
 * Fuzz target for everything the files worker parses: its policy, a front's requests, .htaccess files. The first
 * byte chooses. Besides memory errors it looks for answers that must not be.
 */
#include "../../handlers/static/worker/htaccess.h"
#include "../../handlers/static/worker/policy.h"
#include "../../handlers/static/worker/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

static void fuzz_policy(const uint8_t *data, size_t size)
{
	struct policy policy;

	if (policy_parse(data, size, &policy) == NULL) {
		must(policy.root_count > 0 && policy.root_count <= POLICY_ROOTS_MAX && !policy.roots[0].scripts);
		for (size_t i = 0; i < policy.root_count; i++)
			must(policy.roots[i].path[0] == '/');
		for (size_t i = 0; i < policy.indexes.count; i++)
			must(strchr(policy.indexes.items[i], '/') == NULL);
	}
	policy_free(&policy);
}

static void fuzz_request(const uint8_t *data, size_t size)
{
	struct request request;
	char *path;

	if (request_parse(data, size, 3, &request) != NULL)
		return;
	must(request.head.root < 3 && request.path_length > 0 && request.path_length <= FILES_PATH_MAX);
	path = malloc(request.path_length + 2);
	if (path == NULL)
		return;
	/* With a slash behind, every segment looks the same. */
	memcpy(path, request.path, request.path_length);
	strcpy(path + request.path_length, "/");
	must(path[0] == '/' && strlen(path) == request.path_length + 1);
	must(strstr(path, "/../") == NULL && strstr(path, "/./") == NULL);
	path[request.path_length] = '\0';
	must(strstr(path, "//") == NULL);
	free(path);
}

static void fuzz_htaccess(const uint8_t *data, size_t size)
{
	static const char closing[] = "Require all denied\n";
	char *text = malloc(size + sizeof closing);

	if (text == NULL)
		return;
	(void)htaccess_judge((const char *)data, size);
	/* Nothing that follows opens what is closed. */
	memcpy(text, closing, sizeof closing - 1);
	memcpy(text + sizeof closing - 1, data, size);
	must(htaccess_judge(text, size + sizeof closing - 1) == HTACCESS_CLOSES);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact;

	if (size == 0)
		return 0;
	/* A block of exactly this size: a read beyond it is seen. */
	exact = malloc(size);
	if (exact == NULL)
		return 0;
	memcpy(exact, data + 1, size - 1);
	if (data[0] % 3 == 0)
		fuzz_policy(exact, size - 1);
	else if (data[0] % 3 == 1)
		fuzz_request(exact, size - 1);
	else
		fuzz_htaccess(exact, size - 1);
	free(exact);
	return 0;
}
