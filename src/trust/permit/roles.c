/* roles.c -- reading roles.yaml. */
#include "permit/permit.h"

#include "files/files.h"
#include "text/text.h"


enum { ROLES_MAX = 64, ROLES_ARENA_BYTES = 1 << 20 };

typedef struct RoleTable {
    Role at[ROLES_MAX];
    size_t n;
    Ctx cx; /* owns the memory */
} RoleTable;

static const char ROLES_PART;

static void roles_end(void *part)
{
    RoleTable *table = part;
    ctx_free(&table->cx);
}

static void read_scope(const YamlFile *file, const Yaml *node, void *out)
{
    if (str_is(node->text, S("body")))
        *(bool *)out = true;
    else if (!str_is(node->text, S("place")))
        mistake(file, node, "permit.bad_scope");
}

static void read_admin(const YamlFile *file, const Yaml *node, void *out)
{
    static const Str NAMES[] = {
        { "none", 4 }, { "system", 6 }, { "security", 8 }, { "audit", 5 }
    };
    for (size_t i = 1; i < COUNT(NAMES); i++) {
        if (str_is(node->text, NAMES[i])) {
            *(AdminKind *)out = (AdminKind)i;
            return;
        }
    }
    mistake(file, node, "permit.bad_admin");
}

static const YamlKey ROLE_KEYS[] = {
    YAML_MUST(Role, name, yaml_words),
    { "scope", read_scope, offsetof(Role, by_body), true },
    YAML_MUST(Role, levels, yaml_names),
    YAML_KEY(Role, admin, read_admin),
    YAML_MUST(Role, acts, yaml_names),
    YAML_KEY(Role, idle, yaml_name),
    YAML_END,
};

/* Where the file says a key of a role; the role's own place when it does not. */
static const Yaml *node_of(const Yaml *role, const char *key)
{
    const Yaml *node = yaml_in(role, key);
    return node ? node : role;
}

static void check_role(const YamlFile *file, const Yaml *node, const Role *r, Ctx *cx)
{
    /* Words that flows use for actors who hold no post. */
    static const Str ACTORS[] = {
        { "anyone", 6 }, { "applicant", 9 }, { "system", 6 }, { "elsewhere", 9 }
    };
    bool known = false;
    for (size_t i = 0; i < r->levels.n; i++)
        if (!profile_level(profile_of(cx->house), r->levels.at[i]))
            mistake(file, node_of(node, "levels"), "permit.unknown_level", V("role", r->role),
                    V("level", r->levels.at[i]));
    if (rule_is_known(cx, r->idle, &known) == OK && !known)
        mistake(file, node_of(node, "idle"), "permit.unknown_idle", V("role", r->role),
                V("rule", r->idle));
    for (size_t i = 0; i < COUNT(ACTORS); i++)
        if (str_is(r->role, ACTORS[i]))
            mistake_at(file, node->key_line, node->key_column, "permit.kept_word",
                       (TextArg[]){ { 0 }, V("role", r->role) }, 1);
}

static void read_roles(const YamlFile *file, RoleTable *table, Ctx *cx)
{
    const Yaml *roles = yaml_in(file->root, "roles");
    if (!roles || roles->kind != YAML_MAP || yaml_count(roles) > ROLES_MAX) {
        mistake(file, file->root, "yaml.missing_key", V("key", S("roles")));
        return;
    }
    for (const Yaml *entry = roles->first; entry; entry = entry->next) {
        Role *role = &table->at[table->n++];
        *role = (Role){ .role = entry->key, .idle = S("IDLE-OFFICE") };
        yaml_record(file, entry, ROLE_KEYS, role);
        check_role(file, entry, role, cx);
    }
}

Err roles_use(Ctx *cx)
{
    MistakeList mistakes = { 0 };
    Str path = profile_path(cx, "roles.yaml"), text;
    RoleTable *table = house_add(cx->house, &ROLES_PART, sizeof *table, roles_end);
    table->cx = ctx_new(cx->house, ROLES_ARENA_BYTES);
    if (file_read(&table->cx, path, &text))
        return fail_like(cx, &table->cx);
    YamlFile file = yaml_parse(&table->cx, path, text, &mistakes);
    if (file.root)
        read_roles(&file, table, cx);
    return mistakes.n == 0 ? OK : fail(cx, E_INPUT, "profile.mistakes",
                                       V("mistakes", mistakes_text(&table->cx, &mistakes)));
}

const Role *role_at(const House *house, size_t n)
{
    const RoleTable *table = house_get(house, &ROLES_PART);
    return table && n < table->n ? &table->at[n] : NULL;
}

const Role *role_find(const House *house, Str role)
{
    const Role *r = NULL;
    for (size_t i = 0; (r = role_at(house, i)) != NULL; i++)
        if (str_is(r->role, role))
            break;
    return r;
}
