/* private.h -- shared by the files of the system pages. */
#ifndef SYSTEM_PRIVATE_H
#define SYSTEM_PRIVATE_H

#include "system/system.h"

Err get_openapi(Req *rq);

#endif
