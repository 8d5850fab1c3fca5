/* private.h -- shared by the files of the register of people. */
#ifndef PEOPLE_PRIVATE_H
#define PEOPLE_PRIVATE_H

#include "people/view.h"

extern const Route SIGN_IN_ROUTES[], ACCOUNT_ROUTES[], ACTS_ROUTES[];

#endif
