#include "guard.h"

#include "contents.h"
#include "params.h"
#include "records.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#define BEGIN_LENGTH 8

enum stage { BETWEEN, IN_PARAMS, IN_BODY };

/* The variables that say what is run, or by which rules. */
enum watched { SCRIPT, ROOT, REDIRECT, WATCHED, OTHER = WATCHED };

static const struct {
	const char *name;
	size_t length;
} names[WATCHED] = {
	[SCRIPT] = {"SCRIPT_FILENAME", 15},
	/* Where php-cgi looks for .user.ini files: from another folder it would leave some out. */
	[ROOT] = {"DOCUMENT_ROOT", 13},
	/* With it php-cgi runs PATH_TRANSLATED in place of SCRIPT_FILENAME. */
	[REDIRECT] = {"REDIRECT_URL", 12},
};

static struct {
	enum stage stage;
	bool ended; /* FCGI_PARAMS, and nobody was told */
	struct contents contents;
	struct params params;
	uint16_t request;
	unsigned seen[WATCHED];
	size_t root_length; /* of the value so far, which is the policy's root; SIZE_MAX: it is not */
	size_t length;      /* of the script so far */
} state;

static char script[PATH_MAX];

void guard_start(void)
{
	state.stage = BETWEEN;
	state.ended = false;
	state.contents = (struct contents){0};
	script[0] = '\0';
}

void guard_end(void)
{
	state.stage = BETWEEN;
}

bool guard_is_cut(void)
{
	return state.contents.have != state.contents.size;
}

const char *guard_new_script(void)
{
	if (!state.ended)
		return NULL;
	state.ended = false;
	return script;
}

static void begin(uint16_t request)
{
	state.stage = IN_PARAMS;
	state.request = request;
	state.params = (struct params){0};
	memset(state.seen, 0, sizeof state.seen);
	state.root_length = state.length = 0;
	script[0] = '\0';
}

/*
 * Which of them a name is. A program that keeps NAME=VALUE strings, as libfcgi does, would find the same in a name that
 * goes on with `=`: `false_name` is set.
 */
static enum watched which(const struct params *params, bool *false_name)
{
	for (enum watched i = 0; i < WATCHED; i++) {
		/* The first letter alone tells most of them apart. */
		if (params->name[0] != names[i].name[0] || params->name_length < names[i].length ||
		    memcmp(params->name, names[i].name, names[i].length) != 0)
			continue;
		if (params->name_length == names[i].length)
			return i;
		*false_name = *false_name || params->name[names[i].length] == '=' ||
			      params->name[names[i].length] == '\0';
	}
	return OTHER;
}

static void take_root(const struct policy *policy, const struct param_piece *piece)
{
	size_t left;

	if (policy->root == NULL || state.root_length == SIZE_MAX)
		return;
	left = strlen(policy->root) - state.root_length;
	if (piece->count > left || memcmp(policy->root + state.root_length, piece->bytes, piece->count) != 0 ||
	    (piece->last && piece->count != left))
		state.root_length = SIZE_MAX;
	else
		state.root_length += piece->count;
}

/* The rule that a piece of FCGI_PARAMS breaks; NULL: none. */
static const char *take_params(const struct policy *policy, const uint8_t *bytes, size_t count)
{
	struct param_piece piece;

	while (params_next(&state.params, &bytes, &count, &piece)) {
		bool false_name = false;
		enum watched name = which(&state.params, &false_name);

		if (false_name)
			return "a name that only begins as one of the script's";
		if (name == OTHER)
			continue;
		if (name == ROOT)
			take_root(policy, &piece);
		if (name == SCRIPT && state.seen[SCRIPT] == 0) {
			if (piece.count >= sizeof script - state.length)
				return "SCRIPT_FILENAME is too long";
			memcpy(script + state.length, piece.bytes, piece.count);
			state.length += piece.count;
			script[state.length] = '\0';
		}
		if (piece.last)
			state.seen[name]++;
	}
	return NULL;
}

/* php-cgi goes back from a path that is not there to one that is: /upload/a.jpg/x.php would run a.jpg. */
static const char *look_at_file(bool *missing)
{
	struct stat found;

	if (stat(script, &found) != 0) {
		*missing = errno == ENOENT;
		return *missing ? "no such file" : "not a file that can be reached";
	}
	return S_ISREG(found.st_mode) ? NULL : "not a regular file";
}

static const char *judge(const struct policy *policy, bool *missing)
{
	const char *rule;

	if (!params_at_boundary(&state.params))
		return "FCGI_PARAMS end inside a pair";
	if (state.seen[SCRIPT] != 1)
		return state.seen[SCRIPT] == 0 ? "SCRIPT_FILENAME is missing" : "SCRIPT_FILENAME is there twice";
	if (state.seen[REDIRECT] != 0)
		return "REDIRECT_URL is there";
	if (state.seen[ROOT] != 1 || state.root_length == SIZE_MAX)
		return "DOCUMENT_ROOT is not the site's";
	rule = policy_judge(policy, script, state.length);
	return rule != NULL ? rule : look_at_file(missing);
}

/* The rule that the beginning of a record breaks; NULL: none. */
static const char *take_record(const struct policy *policy, bool *missing)
{
	uint8_t type = state.contents.header[1];
	uint16_t request = (uint16_t)(state.contents.header[2] << 8 | state.contents.header[3]);

	/* php-cgi takes whatever comes for the end of FCGI_PARAMS. */
	if (state.stage == IN_PARAMS && (type != RECORD_PARAMS || request != state.request))
		return "FCGI_PARAMS are not ended";
	if (type == RECORD_BEGIN) {
		if (state.stage != BETWEEN || state.contents.length != BEGIN_LENGTH)
			return "FCGI_BEGIN_REQUEST where none may be";
		begin(request);
	} else if (type == RECORD_PARAMS) {
		if (state.stage != IN_PARAMS)
			return "FCGI_PARAMS where none may be";
		if (state.contents.length > 0)
			return NULL;
		state.stage = IN_BODY;
		state.ended = true;
		return policy->root == NULL ? NULL : judge(policy, missing);
	}
	return NULL;
}

bool guard_allows(const struct policy *policy, const uint8_t *bytes, size_t count, struct guard_refusal *refusal)
{
	struct content_piece piece;

	while (contents_next(&state.contents, &bytes, &count, &piece)) {
		const char *rule = NULL;
		bool missing = false;

		if (piece.first)
			rule = take_record(policy, &missing);
		if (rule == NULL && state.stage == IN_PARAMS && state.contents.header[1] == RECORD_PARAMS)
			rule = take_params(policy, piece.bytes, piece.count);
		if (rule == NULL || policy->root == NULL)
			continue;
		*refusal = (struct guard_refusal){
			.rule = rule, .script = script, .request = state.request, .missing = missing};
		return false;
	}
	return true;
}
