#include "environment.h"

#include "names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void vector_free(struct vector *vector)
{
	free(vector->at);
	free(vector->text);
	*vector = (struct vector){NULL, NULL};
}

static bool in_policy(const struct policy *policy, const struct param *param)
{
	for (size_t i = 0; i < policy->env.count; i++) {
		const char *entry = policy->env.at[i];

		if (strncmp(entry, param->name, param->name_length) == 0 && entry[param->name_length] == '=')
			return true;
	}
	return false;
}

int environment_make(const struct policy *policy, const struct params *params, struct vector *out)
{
	size_t size = 1;
	size_t count = 0;
	char *text;

	for (size_t i = 0; i < params->count; i++)
		size += params->at[i].name_length + params->at[i].value_length + 2;
	out->text = malloc(size);
	out->at = calloc(policy->env.count + params->count + 1, sizeof *out->at);
	if (out->text == NULL || out->at == NULL) {
		vector_free(out);
		return -1;
	}
	for (size_t i = 0; i < policy->env.count; i++)
		out->at[count++] = policy->env.at[i];
	text = out->text;
	for (size_t i = 0; i < params->count; i++) {
		const struct param *param = &params->at[i];

		if (!is_meta_variable(param->name, param->name_length) || in_policy(policy, param))
			continue;
		out->at[count++] = text;
		memcpy(text, param->name, param->name_length);
		text += param->name_length;
		*text++ = '=';
		memcpy(text, param->value, param->value_length);
		text += param->value_length;
		*text++ = '\0';
	}
	return 0;
}
