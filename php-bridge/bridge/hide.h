/* What scripts, and programs that scripts start, must not see. */
#ifndef BRIDGE_HIDE_H
#define BRIDGE_HIDE_H

/*
 * PURPOSE     takes a variable out of the environment, its bytes too: unsetenv(3) leaves them where
 *             /proc/self/environ shows them
 * PARAMETERS  name: without `=`; all its entries go
 */
void hide_variable(const char *name);

/*
 * PURPOSE     finds the descriptor through which PHP reads the site's ini folder
 * RETURNS     N where PHP_INI_SCAN_DIR ends in /proc/self/fd/N; otherwise -1
 */
int hide_ini_descriptor(void);

#endif
