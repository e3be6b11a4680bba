// What every test of the built page needs: a host, a fresh browser, ears for complaints, axe.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "./server.mjs";

export { serve };

export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** `$PLAYGROUND_BROWSER`, or the first Chromium on the search path. */
export function browserPath() {
  if (process.env.PLAYGROUND_BROWSER) return process.env.PLAYGROUND_BROWSER;
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const folders = process.env.PATH.split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = candidates.find((file) => existsSync(file));
  assert(found, "no Chromium on the search path: apt-get install chromium, or set PLAYGROUND_BROWSER");
  return found;
}

/** A browser of its own, with a fresh profile that is thrown away when it closes. */
export function launch({ flags = [] } = {}) {
  return chromium.launch({
    executablePath: browserPath(),
    headless: true,
    args: [...FLAGS, ...flags],
  });
}

/**
 * Serves the page and opens a browser for the tests of one file:
 * `before(async () => { stage = await setUp() })`, `after(() => stage.tearDown())`.
 */
export async function setUp(options = {}) {
  const host = await serve(options);
  const browser = await launch(options);
  const tearDown = async () => {
    await browser.close();
    await host.close();
  };
  return { host, browser, tearDown };
}

/**
 * Opens the page in a browser context of its own and waits until it has been drawn. `options` are
 * Playwright's (viewport, colorScheme, reducedMotion, …), `address`, what follows the page's
 * address (`?view=embed`, `#…`), and `first`, a function that runs in the page before its own scripts. `page.complaints` collects console errors, warnings, uncaught
 * exceptions, refused requests and violations of the content-security policy.
 */
export async function open({ host, browser }, { address = "", url, first, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  if (first) await context.addInitScript(first);
  const page = await context.newPage();
  page.complaints = listen(page);
  await page.goto(url ?? host.url + address);
  if (!url) await page.locator("h1").first().waitFor();
  return page;
}

function listen(page) {
  const complaints = [];
  page.on("console", (message) => {
    // Violations of the policy arrive here too, as errors.
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  page.on("response", (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`);
  });
  return complaints;
}

/**
 * Fingers on a page with a touch screen: `touch("touchStart", [x, y], …)`, `touchMove`, and `touchEnd` with those that
 * stay. Playwright's own can only tap.
 */
export async function fingers(page) {
  const devtools = await page.context().newCDPSession(page);
  return (type, ...points) =>
    devtools.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
}

/** Nothing went wrong unseen. */
export function assertQuiet(page) {
  assert.deepEqual(page.complaints, []);
}

/** axe-core finds nothing, with a line per finding where it does. */
export async function assertAccessible(page, options = {}) {
  // Evaluated by the debugger: the page's policy would rightly refuse a script element.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (settings) => window.axe.run(document, settings),
    { runOnly: AXE_TAGS, resultTypes: ["violations"], ...options },
  );
  const findings = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}: ${node.failureSummary}`),
  );
  assert.deepEqual(findings, []);
}
