#!/usr/bin/env python3
"""Writes the manual page linli(1) and the completion for bash from what the program says of itself.

    usage: man.py PROGRAM FOLDER      writes FOLDER/linli.1 and FOLDER/linli.bash
"""
import re
import subprocess
import sys

OPTION = re.compile(r"--[a-z][a-z-]+")


def say(program, *words):
    return subprocess.run([program, *words], check=True, capture_output=True, text=True,
                          env={"LANG": "en"}).stdout


def commands(program):
    """Name and help of each command, in the program's own order."""
    names = re.findall(r"^  linli (\S+)", say(program, "--help"), re.M)
    return [(name, say(program, name, "--help")) for name in names]


def roff(text):
    """Text as it is: a backslash or a leading dot would be read as an order."""
    return re.sub(r"(?m)^([.'])", r"\\&\1", text.replace("\\", "\\e")).replace("-", "\\-")


def manual(version, rows):
    lines = [f'.TH LINLI 1 "" "{version}" "Linli"', ".SH NAME", "linli \\- the working system of an urban district",
             ".SH SYNOPSIS", ".B linli", ".I command", "[words] [options]", ".SH COMMANDS"]
    for name, text in rows:
        first, _, rest = text.partition("\n")
        lines += [f".SS {name}", roff(first)]
        if rest.strip():
            lines += [".PP", ".nf", roff(rest.rstrip("\n")), ".fi"]
    lines += [
        ".SH SETTINGS",
        roff("Each option may also stand in the environment (LINLI_DB for --db) or, as a line \"db = FILE\", in the "
             "file that --config or LINLI_CONFIG names. The command line beats the environment, and that the file."),
        ".SH EXIT STATUS", "0 only on success. Results go to standard output, messages to standard error.",
        ".SH FILES", ".TP", "/etc/linli/linli.conf", "Settings of the service linli.",
        ".TP", "/var/lib/linli/", "The district and its keys.",
        ".SH SEE ALSO", "/usr/share/doc/linli/operations.md", ""]
    return "\n".join(lines)


def completion(rows):
    cases = "\n".join(f"        {name}) words='{' '.join(sorted(set(OPTION.findall(text)) | {'--config', '--help'}))}' ;;"
                      for name, text in rows)
    return f"""# Completion of linli for bash, made from its own help.
_linli() {{
    local words='{" ".join(name for name, _ in rows)} --help --version'
    if [ "$COMP_CWORD" -gt 1 ]; then
        case ${{COMP_WORDS[1]}} in
{cases}
        *) words= ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}")
}}
complete -o default -F _linli linli
"""


def main(program, folder):
    rows = commands(program)
    with open(f"{folder}/linli.1", "w", encoding="utf-8") as f:
        f.write(manual(say(program, "--version").strip(), rows))
    with open(f"{folder}/linli.bash", "w", encoding="utf-8") as f:
        f.write(completion(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
