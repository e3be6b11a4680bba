//! Where things are, and how a command is run.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A failure is one sentence for the person at the terminal.
pub type Result<T> = std::result::Result<T, String>;

/// The folder of the project. Asked at run time: a shared build folder may hold the binary of
/// another clone.
pub fn root() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into());
    Path::new(&manifest).parent().expect("xtask lies inside the project").to_path_buf()
}

/// Where tools are installed. Clones may share one such folder.
pub fn tools() -> PathBuf {
    match env::var_os("PLAYGROUND_TOOLS") {
        Some(folder) => root().join(folder),
        None => root().join(".tools"),
    }
}

/// The built page.
pub fn dist() -> PathBuf {
    root().join("dist")
}

/// The tests that drive the built page.
pub fn end_to_end() -> PathBuf {
    root().join("tests/e2e")
}

/// Where commands are looked for: our own tools first.
pub fn search_path() -> OsString {
    let own = [tools().join("bin"), tools().join("npm/node_modules/.bin")];
    let inherited = env::var_os("PATH").unwrap_or_default();
    env::join_paths(own.into_iter().chain(env::split_paths(&inherited)))
        .expect("no folder of the search path contains its separator")
}

/// The first file of this name on the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&search_path()).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// A command that runs in the project's folder, sees our tools and never waits for input.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(find(program).unwrap_or(program.into()));
    command.current_dir(root()).env("PATH", search_path()).stdin(Stdio::null());
    command
}

/// The cargo that started this program.
pub fn cargo(arguments: &[&str]) -> Command {
    let cargo = env::var("CARGO").unwrap_or("cargo".into());
    let mut command = command(&cargo);
    command.args(arguments);
    command
}

/// A script of the end-to-end tests.
pub fn node_script(script: &Path) -> Command {
    let mut command = command("node");
    command.arg(script);
    command
}

/// Runs to the end; anything but success is a sentence that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(error) => Err(format!("`{line}` could not be started: {error}")),
    }
}

/// What a command prints, if it can be started and succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// The command as a person would type it.
pub fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
