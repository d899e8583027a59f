/* Which of itk's children belongs to which service. A child that is in no service is an orphan of one. */
#ifndef ITK_CHILDREN_H
#define ITK_CHILDREN_H

#include "policy.h"

#include <sys/types.h>

/* RETURNS 0, or -1 when memory is short. */
int children_add(pid_t pid, struct service *service);

/* RETURNS the child's service and forgets the child; NULL when it is not known. */
struct service *children_remove(pid_t pid);

#endif
