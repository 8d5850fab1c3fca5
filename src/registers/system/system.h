/* system.h -- pages of the program itself: display settings, health, metrics, OpenAPI. */
#ifndef SYSTEM_SYSTEM_H
#define SYSTEM_SYSTEM_H

#include "module/module.h"

extern const Module SYSTEM;

#endif
