// What the page costs, from the built page in headless Chromium: `cargo xtask bench` prints it beside the goals. The
// engine runs the same scenario natively in the same go.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { open, setUp } from "./lib.mjs";

const ROOT = new URL("../../", import.meta.url);
const BUSY = readFileSync(new URL("benches/busy.json", ROOT), "utf8");
const busy = (events) => BUSY.replace("PROTOCOL", "raft").replace("999999", String(events));
const rows = [];
const row = (what, value, goal = "") => rows.push([what, value, goal]);
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

/** Events a second of native Raft, with all on and with neither, as `benches/engine.rs` prints them. */
function native() {
  const arguments_ = ["bench", "--quiet", "--bench", "engine", "--", "rates"];
  const { stdout } = spawnSync("cargo", arguments_, { cwd: fileURLToPath(ROOT), encoding: "utf8" });
  const rate = (name) => Number(new RegExp(`raft, ${name} +(\\d+) events/s`).exec(stdout)?.[1]);
  const search = Number(/7 managers +(\d+) states\/s/.exec(stdout)?.[1]);
  return { all: rate("trace and properties"), bare: rate("neither"), search };
}

/** In the page: events a second, best of three; seeks; memory of a long run. */
async function engine(page, text, { bare = false, runs = 3, seeks = 0 } = {}) {
  return page.evaluate(
    async ({ text, bare, runs, seeks }) => {
      const { Run } = await import(new URL("playground.js", location.href).href);
      let best = 0;
      let times = [];
      for (let i = 0; i < runs; i += 1) {
        const run = new Run(text, bare);
        const start = performance.now();
        run.runToEnd();
        best = Math.max(best, (run.events / (performance.now() - start)) * 1000);
        for (let seek = 0; seek < seeks; seek += 1) {
          const event = Math.floor((((seek + 1) * 0.618034) % 1) * run.events);
          const before = performance.now();
          run.seek(event);
          times.push(performance.now() - before);
        }
        run.free();
      }
      return { best, times: times.sort((a, b) => a - b) };
    },
    { text, bare, runs, seeks },
  );
}

async function metrics(session) {
  const { metrics: list } = await session.send("Performance.getMetrics");
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

/** Frame intervals over `ms`, and the script and task time of the main thread meanwhile. */
async function frames(page, ms) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await metrics(session);
  const gaps = await page.evaluate(
    (ms) =>
      new Promise((done) => {
        const gaps = [];
        const start = performance.now();
        let last = start;
        const tick = (now) => {
          gaps.push(now - last);
          last = now;
          if (now - start < ms) requestAnimationFrame(tick);
          else done(gaps.slice(1));
        };
        requestAnimationFrame(tick);
      }),
    ms,
  );
  const after = await metrics(session);
  gaps.sort((a, b) => a - b);
  const spent = (name) => (after[name] - before[name]) * 1000;
  return { gaps, script: spent("ScriptDuration") / gaps.length, task: spent("TaskDuration") / gaps.length };
}

/** Share of a core that the page takes over three seconds in which it is left alone. */
async function idle(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const before = await metrics(session);
  await new Promise((done) => setTimeout(done, 3000));
  return ((await metrics(session)).TaskDuration - before.TaskDuration) / 3;
}

const stage = await setUp();
try {
  const dist = new URL("dist/", ROOT);
  const wasm = readFileSync(new URL(readdirSync(dist).find((file) => /^app.*\.wasm$/.test(file)), dist));
  const kB = (bytes) => `${(bytes.length / 1000).toFixed(1)} kB`;
  row("wasm raw, gzip", `${kB(wasm)}, ${kB(gzipSync(wasm, { level: 9 }))}`);
  row("wasm brotli", kB(brotliCompressSync(wasm)), "≤ 300 kB");
  row("checker's wasm, brotli", kB(brotliCompressSync(readFileSync(new URL("worker_bg.wasm", dist)))));

  const moving = await open(stage, {});
  await moving.waitForFunction(() => Number(document.querySelector(".page")?.dataset.event) > 0);
  row("run moving after navigation", `${Math.round(await moving.evaluate(() => performance.now()))} ms`, "≤ 1000 ms");
  const five = await frames(moving, 3000);
  row("frame, 5 nodes: median, 95th percentile", `${quantile(five.gaps, 0.5).toFixed(1)}, ${quantile(five.gaps, 0.95).toFixed(1)} ms`, "≤ 16.7 ms");
  row("script per frame, 5 nodes", `${five.script.toFixed(2)} ms`, "≤ 6 ms");
  await moving.keyboard.press("Space");
  row("CPU while paused", `${((await idle(moving)) * 100).toFixed(1)} %`, "near 0");
  await moving.context().close();

  const page = await open(stage, { reducedMotion: "reduce" });
  const rates = native();
  for (const [name, bare, ours] of [["trace and properties", false, rates.all], ["neither", true, rates.bare]]) {
    const { best } = await engine(page, busy(500_000), { bare });
    const goal = "≥ 0.5 of native";
    row(`engine in the browser, ${name}`, `${(best / 1e6).toFixed(2)} M events/s, ${(best / ours).toFixed(2)} of native`, goal);
  }
  const { rate } = await page.evaluate(async () => {
    const { measure } = await import(new URL("checker.js", location.href).href);
    return measure(7);
  });
  row("search in the browser", `${(rate / 1e6).toFixed(2)} M states/s, ${(rate / rates.search).toFixed(2)} of native`, "≥ 0.5 of native");
  for (const events of [200_000, 1_000_000]) {
    const { times } = await engine(page, busy(events), { runs: 1, seeks: 100 });
    const text = [0.5, 0.95, 1].map((q) => quantile(times, q).toFixed(1)).join(", ");
    row(`seek in ${events} events: median, 95th percentile, worst`, `${text} ms`, "≤ 50 ms");
  }
  await page.context().close();

  const long = await open(stage, { reducedMotion: "reduce" });
  const memory = await long.evaluate(async (text) => {
    const before = performance.memory?.usedJSHeapSize ?? 0;
    const { Run } = await import(new URL("playground.js", location.href).href);
    const program = await import(document.querySelector("[data-module]").dataset.module).catch(() => null);
    const run = new Run(text, false);
    run.runToEnd();
    const bytes = (await program?.default?.())?.memory?.buffer.byteLength ?? 0;
    return { bytes, events: run.events, heap: (performance.memory?.usedJSHeapSize ?? 0) - before };
  }, busy(2_000_000));
  row(`memory of a run of ${memory.events} events`, `${Math.round(memory.bytes / 2 ** 20)} MB`, "≤ 512 MB");
} finally {
  await stage.tearDown();
}
const width = [0, 1].map((column) => Math.max(...rows.map((cells) => cells[column].length)));
for (const [what, value, goal] of rows) console.log(`${what.padEnd(width[0])}  ${value.padEnd(width[1])}  ${goal}`);
