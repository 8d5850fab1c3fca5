/* system.h -- pages of the program itself: display settings, health, OpenAPI; and its figures. */
#ifndef SYSTEM_SYSTEM_H
#define SYSTEM_SYSTEM_H

#include "module/module.h"

extern const Module SYSTEM;

/* Answers GET /metrics, and nothing else, on a listener of its own (serve --metrics-listen). Once
** for each house; version lives as long as the program. */
ServerHandler metrics_handler(House *house, const char *version);

#endif
