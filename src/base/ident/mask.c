/* mask.c -- what is shown of a personal value where the whole is not needed (domain handbook
** 3.4). */
#include "ident/ident.h"

/* Keeps the first and last characters and puts a star for each one between. */
static Str keep_ends(Arena *a, Str s, size_t first, size_t last)
{
    Buf b = buf_new(a, s.n * 3 + 16);
    size_t n = str_chars(s), at = 0;
    for (size_t i = 0; i < n; i++) {
        Str one = str_next_char(s, &at);
        buf_add(&b, i < first || i + last >= n ? one : S("*"));
    }
    return buf_str(&b);
}

Str mask_citizen_id(Arena *a, Str id)
{
    return keep_ends(a, id, 6, 4);
}

Str mask_citizen_id_public(Arena *a, Str id)
{
    return keep_ends(a, id, 1, 1);
}

Str mask_phone(Arena *a, Str phone)
{
    return str_chars(phone) >= 11 ? keep_ends(a, phone, 3, 4) : keep_ends(a, phone, 2, 2);
}

Str mask_name(Arena *a, Str name)
{
    return keep_ends(a, name, 1, str_chars(name) > 2 ? 1 : 0);
}

Str mask_plate(Arena *a, Str plate)
{
    return keep_ends(a, plate, 3, 2);
}

/* To the street number: up to the first 号, else to the first comma, else the first words. */
Str mask_address(Arena *a, Str address)
{
    size_t at;
    if (str_find(address, S("号"), &at))
        return str_join(a, str_first(address, at + S("号").n), S("***"));
    if (str_find(address, S(","), &at))
        return str_join(a, str_first(address, at), S(", ***"));
    size_t keep = 0;
    for (int i = 0; i < 6; i++)
        str_next_char(address, &keep);
    return str_join(a, str_first(address, keep), S("***"));
}
