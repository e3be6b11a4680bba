//! A small web server for the built page, for one person at one machine.
//!
//! It sends what a static host would send, plus `no-store`, so that a reload always shows the
//! newest build, and `Access-Control-Allow-Origin`, so that sandboxed frames can load modules.

use crate::project::Result;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

/// Longer requests are not for us.
const MAX_REQUEST_BYTES: u64 = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

pub fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            format!("port {port} is in use: choose another one with --port")
        }
        _ => format!("port {port} cannot be opened: {error}"),
    })
}

pub fn announce(listener: &TcpListener) -> Result<()> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("\n  consensus playground: http://{address}/\n\n  Ctrl-C ends it.");
    Ok(())
}

/// Serves the folder until the process ends.
pub fn serve(listener: &TcpListener, folder: &Path) -> Result<()> {
    loop {
        // A connection that broke before it was accepted is the visitor's affair.
        if let Ok((stream, _)) = listener.accept() {
            let folder = folder.to_path_buf();
            thread::spawn(move || answer(&stream, &folder));
        }
    }
}

/// One request, one answer. Errors end the connection: there is nobody else to tell.
fn answer(mut stream: &TcpStream, folder: &Path) -> Option<()> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let mut lines = BufReader::new(stream.take(MAX_REQUEST_BYTES)).lines();
    let request = lines.next()?.ok()?;
    // The rest of the head is read so that closing does not reset the connection.
    lines.by_ref().map_while(std::result::Result::ok).find(String::is_empty)?;

    let mut words = request.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let file = locate(folder, target);
    let (status, kind, body) = match (method, file.and_then(|file| load(&file))) {
        ("GET" | "HEAD", Some((kind, body))) => ("200 OK", kind, body),
        ("GET" | "HEAD", None) => ("404 Not Found", TEXT, b"not found\n".to_vec()),
        _ => ("405 Method Not Allowed", TEXT, b"GET only\n".to_vec()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    if method != "HEAD" {
        stream.write_all(&body).ok()?;
    }
    stream.flush().ok()
}

/// The file that a request names; never one outside the folder.
fn locate(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?;
    let relative = Path::new(path.strip_prefix('/')?);
    let inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let file = folder.join(relative);
    inside.then(|| match file.is_dir() {
        true => file.join("index.html"),
        false => file,
    })
}

fn load(file: &Path) -> Option<(&'static str, Vec<u8>)> {
    Some((kind_of(file), fs::read(file).ok()?))
}

const TEXT: &str = "text/plain; charset=utf-8";

fn kind_of(file: &Path) -> &'static str {
    match file.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => TEXT,
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_never_leaves_the_folder() {
        let folder = Path::new("/nowhere");
        for target in ["/../secret", "/a/../../secret", "//etc/passwd", "secret"] {
            assert_eq!(locate(folder, target), None, "{target}");
        }
        assert_eq!(locate(folder, "/a/b.js?x=/../y"), Some("/nowhere/a/b.js".into()));
    }
}
