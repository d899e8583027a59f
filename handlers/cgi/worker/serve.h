/* One request whose PARAMS are complete: from the script's name to its end. */
#ifndef CGI_SERVE_H
#define CGI_SERVE_H

#include "session.h"

/* PURPOSE  Finds, checks, starts and serves the script of the session's request, or refuses it; ends the request. */
void serve(struct session *session);

#endif
