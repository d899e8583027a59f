#include "policy.h"

#include "records.h"

#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_MAX 4096
#define GROUPS_MAX 65536 /* NGROUPS_MAX */

struct counts {
	size_t sites, services;
};

static const char *count(const unsigned char *data, size_t length, struct counts *counts)
{
	struct records list = {data, length, 0};
	struct record record;
	int got;

	while ((got = records_next(&list, &record)) == 1) {
		counts->sites += record_is(&record, "site");
		counts->services += record_is(&record, "service");
	}
	return got == 0 ? NULL : "not a list of records";
}

static bool take_text(const struct record *record, char **out)
{
	if (*out != NULL)
		return false;
	*out = record_text(record);
	return *out != NULL;
}

static bool take_id(const struct record *record, uint32_t *out)
{
	uint64_t value;

	if (record_number(record, UINT32_MAX, &value) != 0)
		return false;
	*out = (uint32_t)value;
	return true;
}

static bool take_flag(const struct record *record, bool *out)
{
	uint64_t value;

	if (record_number(record, 1, &value) != 0)
		return false;
	*out = value == 1;
	return true;
}

/* Appends to a NULL-terminated array of texts. */
static bool append(const struct record *record, char ***list, size_t *length)
{
	char **longer;

	if (*length >= ARGUMENTS_MAX)
		return false;
	longer = realloc(*list, (*length + 2) * sizeof *longer);
	if (longer == NULL)
		return false;
	*list = longer;
	longer[*length] = record_text(record);
	longer[*length + 1] = NULL;
	return longer[(*length)++] != NULL;
}

static bool take_group(const struct record *record, struct identity *identity)
{
	gid_t *longer;

	if (identity->group_count >= GROUPS_MAX)
		return false;
	longer = realloc(identity->groups, (identity->group_count + 1) * sizeof *longer);
	if (longer == NULL)
		return false;
	identity->groups = longer;
	return take_id(record, &longer[identity->group_count]) && ++identity->group_count > 0;
}

/* "RESOURCE VALUE", both decimal: the soft and the hard limit are the same, so that no script raises it. */
static bool take_limit(const struct record *record, struct identity *identity)
{
	const char *blank = memchr(record->value, ' ', record->value_length);
	struct record number = *record;
	uint64_t resource, value;

	if (blank == NULL || identity->limit_count == LIMITS_MAX)
		return false;
	number.value_length = (size_t)(blank - record->value);
	if (record_number(&number, RLIM_NLIMITS - 1, &resource) != 0)
		return false;
	number.value = blank + 1;
	number.value_length = record->value_length - number.value_length - 1;
	if (record_number(&number, INT64_MAX, &value) != 0)
		return false;
	identity->limits[identity->limit_count++] = (struct limit){(int)resource, {value, value}};
	return true;
}

static bool server_record(struct policy *policy, const struct record *record)
{
	if (record_is(record, "directory"))
		return take_text(record, &policy->directory);
	if (record_is(record, "log"))
		return take_text(record, &policy->log);
	if (record_is(record, "bin"))
		return take_text(record, &policy->bin);
	if (record_is(record, "privileged"))
		return take_flag(record, &policy->ranges.privileged);
	if (record_is(record, "front-uid"))
		return take_id(record, &policy->ranges.front_uid);
	if (record_is(record, "front-gid"))
		return take_id(record, &policy->ranges.front_gid);
	if (record_is(record, "uid-min"))
		return take_id(record, &policy->ranges.uid_min);
	if (record_is(record, "uid-max"))
		return take_id(record, &policy->ranges.uid_max);
	if (record_is(record, "gid-min"))
		return take_id(record, &policy->ranges.gid_min);
	if (record_is(record, "gid-max"))
		return take_id(record, &policy->ranges.gid_max);
	return false;
}

static bool site_record(struct site *site, const struct record *record)
{
	uint32_t id;
	uint64_t value;

	if (record_is(record, "uid"))
		return take_id(record, &site->identity.uid);
	if (record_is(record, "gid"))
		return take_id(record, &site->identity.gid);
	if (record_is(record, "group"))
		return take_group(record, &site->identity);
	if (record_is(record, "limit"))
		return take_limit(record, &site->identity);
	if (record_is(record, "no-new-privs"))
		return take_flag(record, &site->identity.no_new_privs);
	if (record_is(record, "umask")) {
		if (!take_id(record, &id) || id > 0777)
			return false;
		site->identity.umask = (mode_t)id;
		return true;
	}
	if (record_is(record, "nice")) { /* 0 to 39 stand for -20 to 19 */
		if (record_number(record, 39, &value) != 0)
			return false;
		site->identity.nice = (int)value - 20;
		return true;
	}
	return false;
}

static bool service_record(struct service *service, const struct record *record)
{
	uint64_t value;

	if (record_is(record, "worker"))
		return take_text(record, &service->worker);
	if (record_is(record, "program"))
		return take_text(record, &service->program);
	if (record_is(record, "folder"))
		return take_text(record, &service->folder);
	if (record_is(record, "argument"))
		return append(record, &service->arguments, &service->argument_count);
	if (record_is(record, "environment"))
		return append(record, &service->environment, &service->environment_count);
	if (record_is(record, "confined"))
		return take_flag(record, &service->confined);
	if (record_is(record, "max")) {
		if (record_number(record, 1 << 20, &value) != 0)
			return false;
		service->max_workers = (size_t)value;
		return true;
	}
	if (record_is(record, "policy")) {
		service->policy = record->value;
		service->policy_length = record->value_length;
		return true;
	}
	return false;
}

static bool begin_site(struct policy *policy, const struct record *record)
{
	struct site *site = &policy->sites[policy->site_count++];

	return take_id(record, &site->number);
}

static bool begin_service(struct policy *policy, const struct record *record)
{
	struct service *service = &policy->services[policy->service_count++];

	if (policy->site_count == 0)
		return false;
	service->site = &policy->sites[policy->site_count - 1];
	service->listener = -1;
	service->executable = -1;
	return take_text(record, &service->name) && strlen(service->name) < 8 && strchr(service->name, '/') == NULL;
}

static const char *incomplete(struct policy *policy)
{
	if (policy->directory == NULL || policy->log == NULL || policy->bin == NULL)
		return "directory, log or bin is missing";
	for (size_t i = 0; i < policy->site_count; i++) {
		const char *refusal = identity_refusal(&policy->sites[i].identity, &policy->ranges);

		if (refusal != NULL)
			return refusal;
	}
	for (size_t i = 0; i < policy->service_count; i++) {
		struct service *service = &policy->services[i];
		bool is_worker = service->worker != NULL && service->policy != NULL && service->max_workers > 0;
		bool is_program = service->program != NULL && service->environment != NULL;

		if (is_worker == is_program || service->arguments == NULL)
			return "a service is neither a worker nor a program";
		service->kind = is_worker ? SERVICE_NOWAIT : SERVICE_WAIT;
	}
	return NULL;
}

const char *policy_parse(unsigned char *data, size_t length, struct policy *policy)
{
	struct records list = {data, length, 0};
	struct counts counts = {0, 0};
	struct record record;
	const char *reason = count(data, length, &counts);

	memset(policy, 0, sizeof *policy);
	policy->text = data;
	if (reason != NULL)
		return reason;
	policy->sites = calloc(counts.sites + 1, sizeof *policy->sites);
	policy->services = calloc(counts.services + 1, sizeof *policy->services);
	if (policy->sites == NULL || policy->services == NULL)
		return "out of memory";
	while (records_next(&list, &record) == 1) {
		bool ok;

		if (record_is(&record, "site"))
			ok = begin_site(policy, &record);
		else if (record_is(&record, "service"))
			ok = begin_service(policy, &record);
		else if (policy->site_count == 0)
			ok = server_record(policy, &record);
		else if (policy->service_count > 0 &&
			 policy->services[policy->service_count - 1].site == &policy->sites[policy->site_count - 1])
			ok = service_record(&policy->services[policy->service_count - 1], &record);
		else
			ok = site_record(&policy->sites[policy->site_count - 1], &record);
		if (!ok)
			return "an unknown, repeated or malformed record";
	}
	return incomplete(policy);
}
