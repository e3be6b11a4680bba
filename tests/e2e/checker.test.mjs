// The checker: in a worker, and in a frame that may not have one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertQuiet, eventually, open, setUp } from "./lib.mjs";

const FRAME = `<!doctype html><html lang="en"><title>a course</title><link rel="icon" href="data:,">
<iframe title="playground" sandbox="allow-scripts" width="800" height="580"
  src="/some/sub-path/?view=embed"></iframe></html>`;
const scenario = (name) => readFileSync(new URL(`../../www/scenarios/${name}.json`, import.meta.url), "utf8");
const RIGHT = scenario("paxos-one-value");
const LINK = readFileSync(new URL("../../www/scenarios.tsv", import.meta.url), "utf8").match(/^paxos-one-value\t.*\t(.*)$/m)[1];
const WRONG = scenario("bugs/paxos-any-value");
const QUESTION = { timeouts: 1, states: 30_000 };

/**
 * All that is told until the end or, after "stop", until another search has come to its end; `orders` are given right
 * away.
 */
function ask(frame, source, question, orders = []) {
  return frame.evaluate(
    async ([source, question, orders]) => {
      const { check } = await import(new URL("checker.js", location.href).href);
      const told = [];
      await new Promise((done) => {
        const search = check(source, question, (what) => {
          told.push(what);
          if (!what.progress) done();
        });
        for (const order of orders) search[order]();
        if (orders.at(-1) === "stop") check(source, question, (what) => what.progress || done());
      });
      return { told, last: told.at(-1) };
    },
    [source, question, orders],
  );
}

let stage;
before(async () => (stage = await setUp({ pages: { "/course.html": FRAME } })));
after(() => stage?.tearDown());

test("a worker answers, and a frame without one answers the same", async () => {
  const page = await open(stage);
  const course = await open(stage, { url: `${stage.host.origin}/course.html` });
  await course.frameLocator("iframe").locator("main").first().waitFor();
  const frame = course.frames()[1];
  let workers = 0;
  page.on("worker", () => (workers += 1));
  for (const [source, violated] of [[RIGHT, false], [WRONG, true]]) {
    const { last } = await ask(page, source, QUESTION);
    assert.equal(last.answer.violated !== null, violated, JSON.stringify(last));
    assert.equal(last.answer.link !== undefined, violated);
    assert.ok(last.answer.distinct > 100, JSON.stringify(last.answer));
    assert.deepEqual((await ask(frame, source, QUESTION)).last, last);
  }
  await eventually(() => assert.equal(workers, 2));
  assert.equal(course.workers().length, 0);
  assertQuiet(page);
  await page.context().close();
  await course.context().close();
});

test("a search pauses, goes on, stops, and refuses in a sentence", async () => {
  const page = await open(stage);
  const through = await ask(page, RIGHT, QUESTION, ["pause", "resume"]);
  assert.ok(through.last.answer.distinct > 100);
  assert.deepEqual((await ask(page, RIGHT, QUESTION, ["stop"])).told, []);
  const refused = (await ask(page, RIGHT, { speed: 1 })).last;
  assert.match(refused.error, /speed: there is no such field/);
  assert.match((await ask(page, "#v1.nonsense", {})).last.error, /./);
  // A link is as good as its file, also where it ends a whole address.
  for (const source of [LINK, ` https://example.org/playground/?view=embed${LINK}`]) {
    assert.deepEqual((await ask(page, source, QUESTION)).last, through.last);
  }
  assertQuiet(page);
  await page.context().close();
});
