/*
 * itk's whole knowledge: read once from an inherited pipe, before the first socket is bound (policy.ts writes
 * it). Records stand in order: the server's, then for each site `site`, its identity, and for each of its
 * services `service` and what that needs.
 */
#ifndef ITK_POLICY_H
#define ITK_POLICY_H

#include "identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

/* As inetd's: nowait, a worker for each accepted connection; wait, one program that accepts by itself. */
enum service_kind { SERVICE_NOWAIT, SERVICE_WAIT };

struct site {
	uint32_t number;
	struct identity identity;
};

struct service {
	struct site *site;
	char *name; /* "files", "cgi", "php": also the socket's suffix */
	enum service_kind kind;
	size_t max_workers;
	bool confined; /* no_new_privs whatever the site says, and without the site's limits */
	/* nowait */
	char *worker;
	const char *policy;
	size_t policy_length;
	char **arguments; /* argv, NULL-terminated */
	size_t argument_count;
	/* wait */
	char *program;
	char **environment; /* NULL-terminated */
	size_t environment_count;
	char *folder; /* a folder that only this service's processes may read: inherited open as descriptor 3 */

	/* While running (services.c). */
	int listener;
	int executable;
	pid_t pid;      /* wait: the program, or the child that turns callers away; 0: none */
	bool refusing;  /* pid is the latter */
	size_t workers; /* nowait */
	unsigned failures;
	int64_t started, not_before; /* milliseconds of CLOCK_MONOTONIC */
};

struct policy {
	char *directory; /* the sockets' folder */
	char *log;       /* path of the socket that takes handlers' stderr */
	struct id_ranges ranges;
	char *bin;       /* folder of the workers' executables */
	struct site *sites;
	size_t site_count;
	struct service *services;
	size_t service_count;
	unsigned char *text; /* what the policies of the services point into */
};

/*
 * PURPOSE     Parses a policy.
 * PARAMETERS  data, length: from malloc; the policy takes it over.
 * RETURNS     NULL and fills *policy, or the reason why it is refused.
 */
const char *policy_parse(unsigned char *data, size_t length, struct policy *policy);

#endif
