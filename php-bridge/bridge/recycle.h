#ifndef BRIDGE_RECYCLE_H
#define BRIDGE_RECYCLE_H

#include <stdbool.h>

/* RETURNS  true when the calling child has served as many requests, or become as large, as it may */
bool recycle_due(void);

#endif
