/* say.c -- the two ways a command speaks: results on standard output, messages on standard
** error. */
#include "program.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void say(const char *format, ...)
{
    char line[4096];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    if (write(STDERR_FILENO, line, length) < 0)
        return; /* nobody listens */
}

static bool print_failed;

void print(Str text)
{
    while (text.n && !print_failed) {
        ssize_t n = write(STDOUT_FILENO, text.at, text.n);
        print_failed = n <= 0;
        text = str_skip(text, print_failed ? 0 : (size_t)n);
    }
}

Err print_end(Ctx *cx)
{
    return print_failed ? fail(cx, E_STORE, "program.cannot_print") : OK;
}
