#include "policy.h"

#include "records.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

#define TEXTS_MAX 1024

static const char *add_text(struct texts *list, const struct record *record)
{
	char **larger;
	char *text;

	if (list->count == TEXTS_MAX)
		return "too many values";
	larger = realloc(list->items, (list->count + 1) * sizeof *larger);
	if (larger == NULL)
		return "out of memory";
	list->items = larger;
	text = record_text(record);
	if (text == NULL)
		return "out of memory, or NUL in a value";
	list->items[list->count++] = text;
	if (text[0] == '\0')
		return "an empty value";
	return strchr(text, '/') != NULL ? "a name with '/'" : NULL;
}

static const char *set_text(char **field, const struct record *record)
{
	if (*field != NULL)
		return "given twice";
	*field = record_text(record);
	return *field == NULL ? "out of memory, or NUL in a value" : NULL;
}

static const char *add_root(struct policy *policy, const struct record *record, bool scripts, bool outside)
{
	struct policy_root *root = &policy->roots[policy->root_count];

	if (policy->root_count == POLICY_ROOTS_MAX)
		return "too many roots";
	root->path = record_text(record);
	if (root->path == NULL)
		return "out of memory, or NUL in a value";
	root->scripts = scripts;
	root->outside = outside;
	policy->root_count++;
	return root->path[0] == '/' ? NULL : "not an absolute path";
}

static const char *set_symlinks(struct policy *policy, const struct record *record)
{
	static const char *const names[] = {"follow", "owner", "none"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == record->value_length && memcmp(names[i], record->value, record->value_length) == 0) {
			policy->symlinks = (enum symlinks)i;
			return NULL;
		}
	return "not follow, owner or none";
}

static const char *add_local(struct policy *policy, const struct record *record)
{
	uint64_t magic = 0;

	if (policy->local_count == sizeof policy->local / sizeof *policy->local)
		return "too many values";
	if (record->value_length == 0 || record->value_length > 8)
		return "not a hexadecimal number of 32 bits";
	for (size_t i = 0; i < record->value_length; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = record->value[i] == '\0' ? NULL : strchr(digits, record->value[i]);

		if (digit == NULL)
			return "not a hexadecimal number of 32 bits";
		magic = magic << 4 | (uint64_t)(digit - digits);
	}
	policy->local[policy->local_count++] = magic;
	return NULL;
}

static const char *set_fallback(struct policy *policy, const struct record *record)
{
	const char *wrong = set_text(&policy->fallback, record);

	if (wrong != NULL)
		return wrong;
	return path_is_clean(policy->fallback, strlen(policy->fallback)) ? NULL : "not a normalised URL path";
}

static const char *apply(struct policy *policy, const struct record *record)
{
	if (record_is(record, "site"))
		return set_text(&policy->site, record);
	if (record_is(record, "front-uid"))
		return record_number(record, UINT32_MAX - 1, &policy->front_uid) == 0 ? NULL : "not a uid";
	if (record_is(record, "root"))
		return add_root(policy, record, false, false);
	if (record_is(record, "script-root"))
		return add_root(policy, record, true, false);
	if (record_is(record, "send-root"))
		return add_root(policy, record, false, true);
	if (record_is(record, "script"))
		return add_text(&policy->extensions, record);
	if (record_is(record, "index"))
		return add_text(&policy->indexes, record);
	if (record_is(record, "deny"))
		return add_text(&policy->deny, record);
	if (record_is(record, "fallback"))
		return set_fallback(policy, record);
	if (record_is(record, "symlinks"))
		return set_symlinks(policy, record);
	if (record_is(record, "local"))
		return add_local(policy, record);
	return "unknown key in the policy";
}

const char *policy_parse(const unsigned char *data, size_t length, struct policy *policy)
{
	struct records list = {.data = data, .length = length};
	struct record record;
	const char *wrong;
	int more;

	/* The strictest until told otherwise; nobody has this uid. */
	*policy = (struct policy){.symlinks = SYMLINKS_NONE, .front_uid = UINT32_MAX};
	while ((more = records_next(&list, &record)) == 1) {
		wrong = apply(policy, &record);
		if (wrong != NULL)
			return wrong;
	}
	if (more != 0)
		return "the policy is not a list of records";
	if (policy->root_count == 0 || policy->roots[0].scripts || policy->roots[0].outside)
		return "the policy begins with no root";
	if (policy->front_uid == UINT32_MAX)
		return "the policy names no front-uid";
	return NULL;
}

static void texts_free(struct texts *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

void policy_free(struct policy *policy)
{
	for (size_t i = 0; i < policy->root_count; i++)
		free(policy->roots[i].path);
	texts_free(&policy->extensions);
	texts_free(&policy->indexes);
	texts_free(&policy->deny);
	free(policy->site);
	free(policy->fallback);
	*policy = (struct policy){0};
}
