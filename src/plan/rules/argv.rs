//! Command lines: a list of arguments for one program, never text for a shell.

const SHELLS: [&str; 8] = [
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "fish",
    "cmd",
    "powershell",
];
const SHELL_WORDS: [&str; 10] = ["|", "||", "&&", "&", ";", ">", ">>", "<", "2>", "2>&1"];

/// What is wrong with a list of arguments: index, message, hint.
pub(in crate::plan) fn problems(argv: &[&str]) -> Vec<(usize, &'static str, &'static str)> {
    let mut problems = Vec::new();
    let program = argv.first().copied().unwrap_or_default();
    let base = program.rsplit(['/', '\\']).next().unwrap_or_default();
    if program.chars().any(char::is_whitespace) {
        problems.push((
            0,
            "the program's name holds a blank",
            "one list entry per argument: [\"git\", \"log\"]",
        ));
    }
    if program.contains("${") {
        problems.push((0, "the program must not come from a placeholder", "name it"));
    }
    if SHELLS.contains(&base) && argv.iter().skip(1).any(|argument| is_shell_text(argument)) {
        problems.push((
            0,
            "a shell would interpret what is put in",
            "name the program itself with its arguments",
        ));
    }
    if matches!(base, "pkill" | "killall") {
        problems.push((
            0,
            "stopping by name hits strangers",
            "use a step of kind \"service\", which stops a unit",
        ));
    }
    for (index, argument) in argv.iter().enumerate() {
        if SHELL_WORDS.contains(argument) || argument.contains("$(") || argument.contains('`') {
            problems.push((
                index,
                "there is no shell that would understand this",
                "split it into several steps; output is captured anyway",
            ));
        }
        if argument.contains("${secret.") || argument.contains("${generated}") {
            problems.push((
                index,
                "everybody on the machine can read a secret in a command line",
                "hand it over with stdin",
            ));
        }
    }
    if base == "git" && argv.contains(&"reset") && argv.contains(&"--hard") {
        problems.push((
            0,
            "a hard reset destroys the state that undo and evidence need",
            "check the commit out beside and swap: [\"git\", \"worktree\", \"add\", …]",
        ));
    }
    problems
}

/// `-c`, `-ec`, `/C`: what follows is a program text.
fn is_shell_text(argument: &str) -> bool {
    let short = argument
        .strip_prefix('-')
        .is_some_and(|flags| !flags.starts_with('-') && flags.len() <= 4 && flags.contains('c'));
    short || argument.eq_ignore_ascii_case("/c") || argument.eq_ignore_ascii_case("-command")
}
