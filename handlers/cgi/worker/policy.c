#include "policy.h"

#include "names.h"
#include "records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int texts_add(struct texts *list, char *text)
{
	char **larger;

	if (text == NULL)
		return -1;
	larger = realloc(list->at, (list->count + 1) * sizeof *larger);
	if (larger == NULL) {
		free(text);
		return -1;
	}
	list->at = larger;
	list->at[list->count++] = text;
	return 0;
}

static void texts_free(struct texts *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct texts){NULL, 0};
}

static int add_root(struct texts *list, char *text)
{
	size_t length;

	if (text == NULL || text[0] != '/') {
		free(text);
		return -1;
	}
	/* Without its final slashes a root is always followed by one in the paths below it: see below_root. */
	for (length = strlen(text); length > 0 && text[length - 1] == '/'; length--)
		text[length - 1] = '\0';
	return texts_add(list, text);
}

static int add_extension(struct texts *list, char *text)
{
	if (text == NULL || text[0] != '.' || text[1] == '\0' || strchr(text, '/') != NULL) {
		free(text);
		return -1;
	}
	return texts_add(list, text);
}

static int add_env(struct texts *list, char *text)
{
	const char *equals = text == NULL ? NULL : strchr(text, '=');

	if (equals == NULL || !is_variable_name(text, (size_t)(equals - text))) {
		free(text);
		return -1;
	}
	return texts_add(list, text);
}

static int flag(const struct record *record, bool *out)
{
	uint64_t value = 0;

	if (record_number(record, 1, &value) != 0)
		return -1;
	*out = value == 1;
	return 0;
}

static int symlinks(const struct record *record, enum symlinks *out)
{
	static const char *const names[] = {"none", "owner", "follow"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strlen(names[i]) != record->value_length)
			continue;
		if (memcmp(names[i], record->value, record->value_length) == 0) {
			*out = (enum symlinks)i;
			return 0;
		}
	}
	return -1;
}

static int set_site(const struct record *record, struct policy *policy)
{
	free(policy->site);
	policy->site = record_text(record);
	return policy->site == NULL ? -1 : 0;
}

/* RETURNS 1: unknown key; 0; -1: bad value. */
static int take(const struct record *record, struct policy *policy)
{
	if (record_is(record, "site"))
		return set_site(record, policy);
	if (record_is(record, "front-uid"))
		return record_number(record, UINT32_MAX - 1, &policy->front_uid);
	if (record_is(record, "root"))
		return add_root(&policy->roots, record_text(record));
	if (record_is(record, "script-root"))
		return add_root(&policy->script_roots, record_text(record));
	if (record_is(record, "extension"))
		return add_extension(&policy->extensions, record_text(record));
	if (record_is(record, "env"))
		return add_env(&policy->env, record_text(record));
	if (record_is(record, "timeout"))
		return record_number(record, INT32_MAX, &policy->timeout);
	if (record_is(record, "check-owner"))
		return flag(record, &policy->check_owner);
	if (record_is(record, "kill-on-disconnect"))
		return flag(record, &policy->kill_on_disconnect);
	if (record_is(record, "symlinks"))
		return symlinks(record, &policy->symlinks);
	return 1;
}

int policy_parse(const unsigned char *data, size_t length, struct policy *policy, char *problem, size_t size)
{
	struct records list = {.data = data, .length = length, .offset = 0};
	struct record record;
	bool front = false;
	int more;

	/* What is not said is the strict choice. */
	*policy = (struct policy){.check_owner = true, .symlinks = SYMLINKS_NONE};
	while ((more = records_next(&list, &record)) == 1) {
		int result = take(&record, policy);

		if (result != 0) {
			snprintf(problem, size, "%s: %.*s", result > 0 ? "unknown key" : "bad value of",
			         (int)(record.key_length < 64 ? record.key_length : 64), record.key);
			return -1;
		}
		front = front || record_is(&record, "front-uid");
	}
	if (more < 0 || policy->site == NULL || !front) {
		snprintf(problem, size, "%s", more < 0 ? "not a list of records" : "site or front-uid is missing");
		return -1;
	}
	return 0;
}

void policy_free(struct policy *policy)
{
	free(policy->site);
	policy->site = NULL;
	texts_free(&policy->roots);
	texts_free(&policy->script_roots);
	texts_free(&policy->extensions);
	texts_free(&policy->env);
}
