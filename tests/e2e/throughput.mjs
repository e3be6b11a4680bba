// Messages a second of every protocol, natively and in Chromium, in one run: `node tests/e2e/throughput.mjs` after
// `cargo xtask build`; part of `cargo xtask bench`.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { open, setUp } from "./lib.mjs";

const root = new URL("../../", import.meta.url);
const template = (name) => readFileSync(new URL(`benches/${name}.json`, root), "utf8");
const models = { floodset: "synchronous", "ben-or": "asynchronous", paxos: "partially-synchronous" };

const printed = execFileSync("cargo", ["bench", "--quiet", "--bench", "engine", "--", "throughput"], {
  cwd: root,
  encoding: "utf8",
});
const native = [...printed.matchAll(/throughput (\S+) +(\d+) messages\/s \((\d+) messages/g)];

const stage = await setUp();
const page = await open(stage, { address: "?view=embed", reducedMotion: "reduce" });
console.log("protocol       native    browser   of native   (million messages delivered a second, trace and properties on)");
for (const [, protocol, rate, delivered] of native) {
  const model = models[protocol];
  const files = model
    ? Array.from({ length: 3000 }, (_, i) =>
        template("decide").replace("PROTOCOL", protocol).replace("MODEL", model).replace("777777", String(i + 1)),
      )
    : [template("busy").replace("PROTOCOL", protocol).replace("999999", "300000")];
  const best = await page.evaluate(
    async ({ files, delivered }) => {
      const { Run } = await import(new URL("playground.js", document.baseURI).href);
      let best = 0;
      for (let turn = 0; turn < 3; turn += 1) {
        let ms = 0;
        for (const file of files) {
          const run = new Run(file);
          const start = performance.now();
          run.runToEnd();
          ms += performance.now() - start;
          run.free();
        }
        best = Math.max(best, (delivered / ms) * 1000);
      }
      return best;
    },
    { files, delivered: Number(delivered) },
  );
  const million = (value) => (value / 1e6).toFixed(2).padStart(8);
  console.log(`${protocol.padEnd(12)} ${million(Number(rate))}   ${million(best)}   ${(best / Number(rate)).toFixed(2).padStart(8)}`);
}
await stage.tearDown();
