// What a frame costs, seen from within the page and from the debugger.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FLAGS, browserPath } from "./lib.mjs";

/** The value that is not less than the part `q` of those given. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/**
 * Runs in the page before its scripts: adds up in `window.spentMs` how long its frames, with the
 * microtasks that they leave behind, and its listeners take; notes in `window.movedAt` when it showed another event than
 * the first one that it showed.
 */
export function stopwatch() {
  window.spentMs = 0;
  let first;
  const moves = new MutationObserver(() => {
    const event = document.querySelector(".page")?.dataset.event;
    first ??= event;
    if (event === first) return;
    window.movedAt = performance.now();
    moves.disconnect();
  });
  moves.observe(document, { attributeFilter: ["data-event"], childList: true, subtree: true });
  const request = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (act) => {
    let began;
    const id = request((now) => {
      began = performance.now();
      act(now);
    });
    // Next in the queue: the microtasks are done by then.
    request(() => {
      if (began !== undefined) window.spentMs += performance.now() - began;
    });
    return id;
  };
  window.plainFrame = request;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const timed = new WeakMap();
  const wrap = (listener) => {
    if (typeof listener !== "function") return listener;
    if (!timed.has(listener)) {
      timed.set(listener, function (event) {
        const began = performance.now();
        const result = listener.call(this, event);
        window.spentMs += performance.now() - began;
        return result;
      });
    }
    return timed.get(listener);
  };
  EventTarget.prototype.addEventListener = function (kind, listener, options) {
    return addEventListener.call(this, kind, wrap(listener), options);
  };
  EventTarget.prototype.removeEventListener = function (kind, listener, options) {
    return removeEventListener.call(this, kind, wrap(listener), options);
  };
}

async function metrics(send) {
  const { metrics: list } = await send("Performance.getMetrics");
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

/** Over `ms`: the gaps between frames and the script in each (opened with `first: stopwatch`), ms. */
export async function frames(page, ms) {
  return page.evaluate(
    (ms) =>
      new Promise((done) => {
        const gaps = [];
        const scripts = [];
        const start = performance.now();
        let last = start;
        const tick = (now) => {
          gaps.push(now - last);
          scripts.push(window.spentMs);
          [last, window.spentMs] = [now, 0];
          if (now - start < ms) window.plainFrame(tick);
          else done({ gaps: gaps.slice(1), scripts: scripts.slice(1) });
        };
        window.plainFrame(tick);
      }),
    ms,
  );
}

/** Share of a core that the page's main thread takes over `seconds`. */
export async function load(send, seconds = 3) {
  await send("Performance.enable");
  const before = await metrics(send);
  await new Promise((done) => setTimeout(done, seconds * 1000));
  return ((await metrics(send)).TaskDuration - before.TaskDuration) / seconds;
}

/**
 * The load of the page in front, with the run in motion, and behind another tab. Playwright keeps
 * every page visible for good: here the browser is spoken to without it.
 */
export async function hidden(url) {
  const profile = mkdtempSync(join(tmpdir(), "bench-"));
  const own = ["--headless", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"];
  const browser = spawn(browserPath(), [...FLAGS, ...own], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => browser.once("exit", done));
  const [, , , to, from] = browser.stdio;
  const answers = new Map();
  let rest = "";
  from.setEncoding("utf8").on("data", (text) => {
    const whole = (rest + text).split("\0");
    rest = whole.pop();
    for (const message of whole.map(JSON.parse)) answers.get(message.id)?.(message.result ?? {});
  });
  const call = (method, params = {}, sessionId) =>
    new Promise((done) => {
      const id = answers.size + 1;
      answers.set(id, done);
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  try {
    const { targetId } = await call("Target.createTarget", { url });
    const { sessionId } = await call("Target.attachToTarget", { targetId, flatten: true });
    const send = (method, params) => call(method, params, sessionId);
    const read = async (expression) => (await send("Runtime.evaluate", { expression })).result?.value;
    await new Promise((done) => setTimeout(done, 1500));
    const front = await load(send);
    const other = await call("Target.createTarget", { url: "about:blank" });
    await call("Target.activateTarget", other);
    await new Promise((done) => setTimeout(done, 300));
    const state = await read("document.visibilityState");
    const behind = await load(send);
    return { front, behind, state };
  } finally {
    browser.kill();
    await ended;
    // Its children write a little longer than it lives. What they keep busy all the same stays among the temporary files.
    await new Promise((done) => setTimeout(done, 1000));
    try {
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    } catch {
      console.error(`left behind: ${profile}`);
    }
  }
}
