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
/** How long a test waits for what must come, ms. Only one that fails waits so long: no machine is too slow for it. */
const PATIENCE = 120_000;
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
    timeout: PATIENCE,
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
  context.setDefaultTimeout(PATIENCE);
  if (first) await context.addInitScript(first);
  const page = await context.newPage();
  page.complaints = listen(page);
  await page.goto(url ?? host.url + address);
  if (!url) await page.locator("h1").first().waitFor();
  await drawn(page);
  return page;
}

/** Waits until `predicate`, a function that runs in the page, holds for `arg`. */
export const until = (page, predicate, arg) => page.waitForFunction(predicate, arg);

/**
 * Waits until the page (or a frame in it) shows what was done to it. It does so in frames: one shows what is new, the
 * next ones have the sizes that come of it. `frames` of them are also a while in which nothing may happen, however long
 * this machine takes for one.
 */
export const drawn = (page, frames = 3) =>
  page.evaluate(
    (frames) =>
      new Promise((done) => {
        const next = () => (frames-- > 0 ? requestAnimationFrame(next) : done());
        next();
      }),
    frames,
  );

/** Presses a key, `times` times; what comes of it is shown then. */
export async function press(page, key, times = 1) {
  for (let i = 0; i < times; i += 1) await page.keyboard.press(key);
  await drawn(page);
}

/** Waits until `check` does not throw, and gives what it gives; what it throws to the last is thrown. */
export async function eventually(check) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Waits until the text at `locator` is as `pattern` has it, and gives the text. */
export const says = (locator, pattern) =>
  eventually(async () => {
    const text = await locator.innerText();
    assert.match(text, pattern);
    return text;
  });

/** Waits until the sentence beside the title is as `pattern` has it. */
export const notice = (page, pattern) => says(page.locator(".notice"), pattern);

/** What the page shows now: how many events have happened, and the hash of their trace. */
export async function moment(page) {
  await drawn(page);
  return page.locator(".page").evaluate(({ dataset }) => ({ event: Number(dataset.event), hash: dataset.hash }));
}

/** Waits until the page shows the moment after so many events. */
export const reaches = (page, event) =>
  until(page, (event) => Number(document.querySelector(".page").dataset.event) === event, event);

/** Waits until the second program has been fetched, too: the page does so by itself when it has been open for a while. */
export const complete = (page) =>
  until(page, () => {
    const fetched = performance.getEntriesByType("resource").filter(({ responseEnd }) => responseEnd > 0);
    const names = ["checker.js", "ahead.js", "worker.js", "worker_bg.wasm"];
    return names.every((name) => fetched.some((file) => file.name.endsWith(`/${name}`)));
  });

/**
 * Presses on one place of the stage after the other, by `act(x, y)`, until a message is picked up; gives where that was,
 * within the stage.
 */
export async function pickUp(page, act) {
  const box = await page.locator(".stage .field").boundingBox();
  // A tap becomes a click some time after the finger has left.
  await page.evaluate(() => {
    window.clicks = 0;
    document.addEventListener("click", () => (window.clicks += 1), true);
  });
  for (let y = 20, clicks = 0; y < box.height; y += 14) {
    for (let x = 20; x < box.width; x += 14) {
      const [px, py] = [box.x + x, box.y + y];
      const other = await page.evaluate(([x, y]) => {
        const element = document.elementFromPoint(x, y);
        return !element?.closest(".stage .field") || element.closest(".node") !== null;
      }, [px, py]);
      if (other) continue;
      await act(px, py);
      clicks += 1;
      await until(page, (clicks) => window.clicks >= clicks, clicks);
      if ((await page.locator(".popover .fields").count()) > 0) return [x, y];
      // A finger finds a node that is near.
      if ((await page.locator(".popover").count()) > 0) await press(page, "Escape");
    }
  }
  return assert.fail("no message can be picked up");
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
  await drawn(page);
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
