/* One running script: moves bytes both ways until it has ended, its time is up, or its client has left. */
#ifndef CGI_RUN_H
#define CGI_RUN_H

#include "child.h"
#include "session.h"

/*
 * PURPOSE     Serves the session's request with a script that has been started, ends the request, reaps the script.
 * PARAMETERS  path: what the log calls the script.
 * RETURNS     When the script is gone. The session's connection may then be of no more use: closing, eof, broken.
 */
void run_script(struct session *session, struct child *child, const char *path);

#endif
