//! What the tasks need, whether it is there, and how it is installed.
//!
//! Everything goes into the tools folder of the project, except what only the system can hold:
//! rustup's parts and Debian's packages.

use crate::project::{self, Result, cargo, command, describe, find, output, run};
use std::fs;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::Command;

const TRUNK: &str = "0.21.14";
const WASM_PACK: &str = "0.15.1";
const BINARYEN: &str = "132";
/// The last that runs on Node 20.
const LIGHTHOUSE: &str = "12.8.2";
const CARGO_DENY: &str = "0.20.2";
/// The oldest that the end-to-end tools run on, and what is installed where it is older.
const NODE_MAJOR: u32 = 20;
const NODE: &str = "22.23.3";

/// One thing that a task needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    RustComponents,
    WasmTarget,
    Node,
    WasmBindgen,
    Trunk,
    WasmOpt,
    WasmPack,
    Browser,
    EndToEnd,
    CargoDeny,
    Lighthouse,
}

impl Tool {
    pub const FOR_PAGE: &[Tool] = &[Tool::WasmTarget, Tool::Node, Tool::WasmBindgen, Tool::Trunk, Tool::WasmOpt];
    pub const FOR_END_TO_END: &[Tool] =
        &[Tool::WasmTarget, Tool::Node, Tool::WasmBindgen, Tool::Trunk, Tool::WasmOpt, Tool::Browser, Tool::EndToEnd];
    /// In the order of installation.
    pub const ALL: &[Tool] = &[
        Tool::RustComponents,
        Tool::WasmTarget,
        Tool::Node,
        Tool::Browser,
        Tool::WasmOpt,
        Tool::EndToEnd,
        Tool::WasmBindgen,
        Tool::WasmPack,
        Tool::Trunk,
    ];

    fn label(self) -> String {
        match self {
            Tool::RustComponents => "rustfmt and clippy".into(),
            Tool::WasmTarget => "the Rust target wasm32-unknown-unknown".into(),
            Tool::Node => format!("Node.js {NODE_MAJOR} or newer with npm"),
            Tool::WasmBindgen => format!("wasm-bindgen {}", wasm_bindgen()),
            Tool::Trunk => format!("trunk {TRUNK}"),
            Tool::WasmOpt => format!("wasm-opt {BINARYEN}"),
            Tool::WasmPack => format!("wasm-pack {WASM_PACK}"),
            Tool::Browser => "Chromium and its driver".into(),
            Tool::EndToEnd => "playwright-core and axe-core".into(),
            Tool::CargoDeny => format!("cargo-deny {CARGO_DENY}"),
            Tool::Lighthouse => format!("lighthouse {LIGHTHOUSE}"),
        }
    }

    /// Where it comes from, as told before it is installed and where that has failed.
    fn source(self) -> String {
        match self {
            Tool::RustComponents => "rustup component add rustfmt clippy".into(),
            Tool::WasmTarget => "rustup target add wasm32-unknown-unknown".into(),
            Tool::Node => "apt-get install nodejs npm".into(),
            Tool::WasmBindgen => describe(&cargo_install("wasm-bindgen-cli", &wasm_bindgen(), &[])),
            Tool::Trunk => describe(&cargo_install("trunk", TRUNK, TRUNK_OPTIONS)),
            Tool::WasmOpt => describe(&npm_install(&format!("binaryen@{BINARYEN}"))),
            Tool::WasmPack => describe(&cargo_install("wasm-pack", WASM_PACK, &["--locked"])),
            Tool::Browser => "apt-get install chromium chromium-driver".into(),
            Tool::EndToEnd => "npm ci --prefix tests/e2e".into(),
            Tool::CargoDeny => describe(&cargo_install("cargo-deny", CARGO_DENY, &["--locked"])),
            Tool::Lighthouse => describe(&npm_install(&format!("lighthouse@{LIGHTHOUSE}"))),
        }
    }

    fn is_there(self) -> bool {
        match self {
            Tool::RustComponents => {
                prints("cargo-fmt", "rustfmt").is_some() && prints("cargo-clippy", "clippy").is_some()
            }
            Tool::WasmTarget => has_wasm_target(),
            Tool::Node => node_is_recent() && find("npm").is_some(),
            Tool::WasmBindgen => {
                has_version("wasm-bindgen", &wasm_bindgen()) && find("wasm-bindgen-test-runner").is_some()
            }
            Tool::Trunk => has_version("trunk", TRUNK),
            Tool::WasmOpt => has_version("wasm-opt", BINARYEN),
            Tool::WasmPack => has_version("wasm-pack", WASM_PACK),
            Tool::Browser => browser_matches_driver(),
            Tool::EndToEnd => fs::read(installed_lock()).is_ok_and(|installed| {
                fs::read(project::end_to_end().join("package-lock.json")).ok() == Some(installed)
            }),
            Tool::CargoDeny => has_version("cargo-deny", CARGO_DENY),
            Tool::Lighthouse => has_version("lighthouse", LIGHTHOUSE),
        }
    }

    fn install(self) -> Result<()> {
        match self {
            Tool::RustComponents => run(command("rustup").args(["component", "add", "rustfmt", "clippy"])),
            Tool::WasmTarget => run(command("rustup").args(["target", "add", "wasm32-unknown-unknown"])),
            Tool::Node => install_node(),
            Tool::WasmBindgen => install_crate("wasm-bindgen-cli", &wasm_bindgen(), &[]),
            Tool::Trunk => install_crate("trunk", TRUNK, TRUNK_OPTIONS),
            Tool::WasmOpt => run(&mut npm_install(&format!("binaryen@{BINARYEN}"))),
            Tool::WasmPack => install_crate("wasm-pack", WASM_PACK, &["--locked"]),
            Tool::Browser => apt_install(&["chromium", "chromium-driver"]),
            Tool::EndToEnd => install_end_to_end(),
            Tool::CargoDeny => install_crate("cargo-deny", CARGO_DENY, &["--locked"]),
            Tool::Lighthouse => run(&mut npm_install(&format!("lighthouse@{LIGHTHOUSE}"))),
        }
    }
}

/// Installs what is missing among these, after telling what that is.
pub fn ensure(needed: &[Tool]) -> Result<()> {
    let order = Tool::ALL.iter().chain([&Tool::CargoDeny, &Tool::Lighthouse]);
    let missing: Vec<Tool> = order.filter(|tool| needed.contains(tool) && !tool.is_there()).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("To be installed, once:");
    for tool in &missing {
        println!("  {:<42} {}", tool.label(), tool.source());
    }
    for tool in missing {
        // One of the tools before may have brought this one.
        if tool.is_there() {
            continue;
        }
        println!("\nInstalling {} …", tool.label());
        let outcome = tool.install();
        if outcome.is_err() || !tool.is_there() {
            let reason = outcome.err().unwrap_or("it is still not on the search path".into());
            return Err(format!(
                "{} could not be installed ({reason}); install it by hand: {}",
                tool.label(),
                tool.source()
            ));
        }
    }
    // What compilers left behind weighs a gigabyte and a half, and is of no more use.
    let _ = fs::remove_dir_all(compiled());
    println!();
    Ok(())
}

// --- asking -------------------------------------------------------------------------------------

/// What `program --version` prints, if it contains this text.
fn prints(program: &str, text: &str) -> Option<String> {
    find(program)?;
    output(command(program).arg("--version")).filter(|printed| printed.contains(text))
}

/// Whether one of the words that `program --version` prints is this version.
fn has_version(program: &str, version: &str) -> bool {
    prints(program, version).is_some_and(|printed| printed.split_whitespace().any(|word| word == version))
}

/// The first number that `program --version` prints.
fn major(program: &str) -> Option<u32> {
    let printed = prints(program, "")?;
    let digits = printed.split(|letter: char| !letter.is_ascii_digit()).find(|part| !part.is_empty())?;
    digits.parse().ok()
}

fn node_is_recent() -> bool {
    major("node").is_some_and(|major| major >= NODE_MAJOR)
}

/// Rust's own installation or Debian's packages: what counts is that the library is there.
fn has_wasm_target() -> bool {
    output(command("rustc").args(["--print", "sysroot"]))
        .is_some_and(|sysroot| PathBuf::from(sysroot).join("lib/rustlib/wasm32-unknown-unknown/lib").is_dir())
}

/// The driver drives a browser of its own generation only.
fn browser_matches_driver() -> bool {
    const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];
    let driver = major("chromedriver");
    driver.is_some() && BROWSERS.iter().any(|browser| major(browser) == driver)
}

/// The version of wasm-bindgen in the lock file: its command must be of exactly this version.
fn wasm_bindgen() -> String {
    let lock = fs::read_to_string(project::root().join("Cargo.lock")).unwrap_or_default();
    let mut lines = lock.lines().skip_while(|line| *line != "name = \"wasm-bindgen\"");
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = \""));
    version.and_then(|rest| rest.strip_suffix('"')).unwrap_or("(not in Cargo.lock)").to_owned()
}

// --- installing ---------------------------------------------------------------------------------

const TRUNK_OPTIONS: &[&str] = &["--locked", "--no-default-features", "--features", "rustls"];

fn cargo_install(package: &str, version: &str, options: &[&str]) -> Command {
    let mut install = cargo(&["install", package, "--version", version]);
    install
        .args(options)
        .arg("--root")
        .arg(project::tools())
        // Tools work a few seconds a day: building them fast is worth more than fast tools.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_TARGET_DIR", compiled());
    install
}

/// Where tools are compiled; gone when all are installed.
fn compiled() -> PathBuf {
    project::tools().join("build")
}

/// A prebuilt program where `cargo binstall` is there and finds one; else from source.
fn install_crate(package: &str, version: &str, options: &[&str]) -> Result<()> {
    if find("cargo-binstall").is_some() {
        let wanted = format!("{package}@{version}");
        let mut binstall = cargo(&["binstall", "--no-confirm", "--root"]);
        if run(binstall.arg(project::tools()).arg(wanted)).is_ok() {
            return Ok(());
        }
    }
    run(&mut cargo_install(package, version, options))
}

fn npm_install(package: &str) -> Command {
    let mut npm = command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(project::tools().join("npm")).arg(package);
    npm
}

/// The system's Node, and where that is too old a newer one beside it.
fn install_node() -> Result<()> {
    if find("node").is_none() || find("npm").is_none() {
        apt_install(&["nodejs", "npm"])?;
    }
    if !node_is_recent() {
        let architecture = match std::env::consts::ARCH {
            "aarch64" => "arm64",
            _ => "x64",
        };
        run(&mut npm_install(&format!("node-linux-{architecture}@{NODE}")))?;
    }
    Ok(())
}

fn install_end_to_end() -> Result<()> {
    run(command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(project::end_to_end()))?;
    // Remembers what was installed, so that a new lock file is noticed.
    let lock = project::end_to_end().join("package-lock.json");
    fs::copy(lock, installed_lock()).map_err(|error| error.to_string())?;
    Ok(())
}

fn installed_lock() -> PathBuf {
    project::end_to_end().join("node_modules/.installed-lock.json")
}

fn apt_install(packages: &[&str]) -> Result<()> {
    // On a fresh machine the lists are empty; where they are old, an update that fails (an
    // unreachable third-party source) need not hinder the installation.
    let _ = run(apt()?.arg("update"));
    run(apt()?.args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// `apt-get`, by sudo unless we are root; it asks for a password only where someone can answer.
fn apt() -> Result<Command> {
    let root = output(command("id").arg("-u")).as_deref() == Some("0");
    if find("apt-get").is_none() {
        return Err("there is no apt-get here".into());
    }
    if !root && find("sudo").is_none() {
        return Err("this needs root, and there is no sudo here".into());
    }
    let mut apt = command(if root { "apt-get" } else { "sudo" });
    if !root {
        if !std::io::stdin().is_terminal() {
            apt.arg("-n");
        }
        apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    }
    apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-qq", "-o", "Dpkg::Use-Pty=0"]);
    Ok(apt)
}
