/* people.h -- pages about people: signing in, acting in a post, accounts, who looked at what. */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "module/module.h"

extern const Module PEOPLE;

#endif
