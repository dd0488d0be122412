//! The `breakglass` program: reads the command line, runs, and says in one line what went wrong.

use std::process::ExitCode;

fn main() -> ExitCode {
    breakglass::cli::main()
}
