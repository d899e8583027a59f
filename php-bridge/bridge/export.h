/* Marks what the program is to call in place of the C library's function of the same name (ld.so(8)). */
#ifndef BRIDGE_EXPORT_H
#define BRIDGE_EXPORT_H

#define EXPORT __attribute__((visibility("default")))

#endif
