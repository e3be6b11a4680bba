// A static host as plain as they come: the built page under a sub-path, nothing rewritten.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

export const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

const KINDS = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/**
 * Serves `folder` at `http://127.0.0.1:<free port><base>`. `pages` are further documents by their
 * path, for instance one that embeds the page in a frame. `compress`: gzip for whoever accepts it; `cache`:
 * what was fetched may be kept for ten minutes, as at GitHub Pages.
 * @returns {Promise<{origin: string, url: string, requests: string[], close: () => Promise<void>}>}
 */
export async function serve({ folder = DIST, base = "/some/sub-path/", pages = {}, compress = false, cache = false } = {}) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    requests.push(path);
    const zipped = compress && /\bgzip\b/.test(request.headers["accept-encoding"]);
    const send = (status, kind, body) => {
      response.writeHead(status, {
        "Content-Type": kind,
        "Cache-Control": cache ? "max-age=600" : "no-store",
        // As GitHub Pages does; module scripts in a sandboxed frame need it.
        "Access-Control-Allow-Origin": "*",
        "X-Content-Type-Options": "nosniff",
        ...(zipped && { "Content-Encoding": "gzip" }),
      });
      response.end(zipped ? gzipSync(body) : body);
    };
    if (Object.hasOwn(pages, path)) return send(200, KINDS[".html"], pages[path]);
    const inside = normalize(path.slice(base.length) || "index.html");
    if (!path.startsWith(base) || inside.startsWith("..")) return send(404, "text/plain", "not found");
    try {
      const kind = KINDS[extname(inside)] ?? "application/octet-stream";
      return send(200, kind, await readFile(join(folder, inside)));
    } catch {
      return send(404, "text/plain", "not found");
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin, url: origin + base, requests, close };
}
