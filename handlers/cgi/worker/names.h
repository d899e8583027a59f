/* Which names may stand in a script's environment. */
#ifndef CGI_NAMES_H
#define CGI_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* RETURNS true for what POSIX calls a name: letters, digits and underscores, no digit first. */
bool is_variable_name(const char *name, size_t length);

/*
 * PURPOSE     Is this a variable that a front may set for a script? The names of RFC 3875, those that scripts have
 *             come to rely on, and the families HTTP_, SSL_ and REDIRECT_; nothing else, so that no PATH, LD_PRELOAD,
 *             BASH_ENV, PERL5LIB or PYTHONPATH can come from a request.
 * RETURNS     true when it may.
 */
bool is_meta_variable(const char *name, size_t length);

#endif
