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

void print(Str text)
{
    while (text.n) {
        ssize_t n = write(STDOUT_FILENO, text.at, text.n);
        if (n <= 0)
            return;
        text = str_skip(text, (size_t)n);
    }
}
